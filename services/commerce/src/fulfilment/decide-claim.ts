import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { findOrder } from '../orders/queries.ts'
import { itemsOf } from '../orders/schema.ts'
import { claimsOf, findClaim, type Claim } from './claim.ts'
import { ClaimStateError } from './errors.ts'
import { lockFulfilment, note, type Fulfilment, type Person } from './fulfilment.ts'
import { callOff, type ClaimDeps } from './make-claim.ts'
import { applyDeed } from './move-order.ts'
import { newsOf } from './news.ts'
import { nextClaimState, nextState } from './order-life.ts'
import { putBack } from './put-back.ts'
import { askRefund } from './refund-claim.ts'
import { shippingBack } from './shipping-back.ts'
import { paidFor, unitsLeft } from './units-left.ts'

/** What a seller decides, or a buyer who takes the claim back. */
export type Decision = { claimId: string; actor: Person } & (
  | { deed: 'collect' | 'withdraw' }
  | { deed: 'reject'; answer: string }
  | {
      deed: 'complete'
      restock: boolean
      /** Whether what sending the order cost goes back, too; undefined: with the last of its units. */
      refundShipping?: boolean | undefined
    }
)

/**
 * Moves a claim on. Completed, the units' price goes back to the buyer, once, and the units go on sale again if the seller
 * says so; with the last of them the order is over. Rejected or withdrawn, the order is as it was.
 *
 * @throws {NotFoundError} no such claim of the caller.
 * @throws {ClaimStateError | OrderStateError}
 */
export async function decideClaim(deps: ClaimDeps, decision: Decision): Promise<Claim> {
  const { claimId, actor, deed } = decision
  const party = deed === 'withdraw' ? 'buyer' : 'seller'
  const now = deps.clock()
  const ended = await inTransaction(deps.db, async (trx) => {
    const { orderId } = (await findClaim(trx, claimId)) ?? {}
    if (orderId === undefined) throw new NotFoundError('claim', claimId)
    const before = await lockFulfilment(trx, { orderId, actor, party }) // first, as everywhere
    const claim = await findClaim(trx, claimId, { locked: true })
    if (claim === undefined) throw new NotFoundError('claim', claimId)
    const state = nextClaimState(claim, deed)
    if (state === undefined) throw new ClaimStateError(claimId, deed, claim.state)
    await note(trx, { orderId, actor, action: `claim.${deed}`, details: claimId, at: now })
    if (decision.deed === 'complete') {
      const { after, stocks } = await complete(trx, { claim, before, decision, now })
      return { after, stocks, claim: await findClaim(trx, claimId) }
    }
    const answer = decision.deed === 'reject' ? { answer: decision.answer } : {}
    const end = state === 'COLLECTING' ? {} : { ended_at: now }
    await trx('claims')
      .where('id', claimId)
      .update({ state, ...answer, ...end })
    return { after: before, stocks: [], claim: await findClaim(trx, claimId) }
  })
  const { after, stocks, claim } = ended
  if (claim === undefined) throw new Error(`Claim ${claimId} is gone`)
  for (const stock of stocks) deps.announceStock(stock)
  if (claim.refund !== null) deps.wakeOutbox()
  deps.tell(newsOf([after]))
  return claim
}

async function complete(
  trx: Knex.Transaction,
  input: {
    claim: Claim
    before: Fulfilment
    decision: { actor: Person; restock: boolean; refundShipping?: boolean | undefined }
    now: Date
  },
): Promise<{ after: Fulfilment; stocks: StockChange[] }> {
  const { claim, before, decision, now } = input
  const order = await findOrder(trx, claim.orderId)
  if (order === undefined) throw new NotFoundError('order', claim.orderId)
  if (claim.kind === 'CANCEL') {
    const asked = { ...decision, party: 'seller' as const }
    return await callOff(trx, { claimId: claim.id, before, order, asked, now })
  }
  const { actor } = decision
  await trx('claims').where('id', claim.id).update({ state: 'DONE', restock: decision.restock, ended_at: now })
  const claims = (await claimsOf(trx, [order.id])).get(order.id) ?? []
  const isLast = [...unitsLeft(itemsOf(order), claims).values()].every((units) => units <= 0)
  const shipping = await shippingBack(trx, { order, claims, isLast, asked: decision.refundShipping })
  const amount = paidFor(claim, order, claims) + shipping
  // payment returns the units of whole orders only: those of a return are put on sale here, or not at all
  await askRefund(trx, { claimId: claim.id, order, amount, shipping, restock: false, actor, now })
  const isOver = isLast && nextState(before, 'return', 'seller') !== undefined
  const after = isOver ? await applyDeed(trx, before, { deed: 'return', doer: 'seller', actor, now }) : before
  return { after, stocks: decision.restock ? await putBack(trx, claim.items) : [] }
}
