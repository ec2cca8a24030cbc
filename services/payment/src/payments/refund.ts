import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { audit, type Actor } from '../operators/audit.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { RefundOutcome } from '../gateways/payment-gateway.ts'
import { refundEntries } from '../ledger/entries.ts'
import { writeEntries } from '../ledger/write-entries.ts'
import { IdempotencyKeyReusedError, NotRefundableError } from './errors.ts'
import { claimOfKey, tellRefundFailed } from './claim-refund-key.ts'
import { forgetAccount, refundKeyOf } from './give-back.ts'
import { nextAsk, setAside } from './patience.ts'
import { amountOf, lacksRefundAccount, Payment, Refund, refundAccountOf } from './payment.ts'
import { returnedAmounts } from './queries.ts'

const noAccountMs = 10 * 60_000
const consecutiveMs = 1_100 // gateways process one refund of a payment a second
const consecutiveTries = 10 // what is later for longer has another reason

/**
 * Notes a refund; the amount is set aside in the same transaction, so refunds together never exceed the payment.
 *
 * @param input.amount minor units; absent means all that is left
 * @param input.orLess gives back what is left where that is less than the amount
 * @param input.paymentId of a payment that the caller may refund
 * @throws {NotFoundError | NotRefundableError | IdempotencyKeyReusedError}
 */
export async function requestRefund(
  { db, now }: { db: Knex; now: () => Date },
  input: {
    paymentId: string
    amount?: number
    orLess?: boolean
    restock: boolean
    idempotencyKey: string
    actor: Actor
  },
): Promise<Refund> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify([input.amount ?? 'all', input.restock]))
    .digest('hex')
  return await inTransaction(db, async (trx) => {
    const payment = await Payment.query(trx).findById(input.paymentId).forUpdate()
    if (!payment) throw new NotFoundError('payment', input.paymentId)
    const known = await Refund.query(trx).findOne({ payment_id: payment.id, idempotency_key: input.idempotencyKey })
    if (known && known.request_hash !== requestHash) throw new IdempotencyKeyReusedError()
    if (known) return known
    const taken = payment.state === 'CAPTURED' || payment.state === 'PARTIALLY_REFUNDED'
    if (!taken || payment.amount === null) {
      throw new NotRefundableError(`Payment ${payment.id} is ${payment.state}: there is no money to give back`)
    }
    const left = payment.amount - payment.refunded_amount
    const amount = input.orLess === true ? Math.min(input.amount ?? left, left) : (input.amount ?? left)
    if (amount === 0) throw new NotRefundableError(`Payment ${payment.id} has nothing left to refund`)
    if (amount > left) throw new NotRefundableError(`Payment ${payment.id} has ${left} left to refund, not ${amount}`)
    await Payment.query(trx)
      .findById(payment.id)
      .patch({ refunded_amount: payment.refunded_amount + amount, updated_at: now() })
    const id = newId('ref')
    const details = `${id}: ${amount} ${payment.currency ?? ''}${input.restock ? ', units back' : ''}`
    await audit(trx, { actor: input.actor, action: 'refund.requested', subject: payment.id, details, at: now() })
    return await Refund.query(trx).insertAndFetch({
      id,
      payment_id: payment.id,
      amount,
      restock: input.restock,
      state: 'REQUESTED',
      idempotency_key: input.idempotencyKey,
      request_hash: requestHash,
      created_at: now(),
      next_attempt_at: now(), // the driver is told to look after the commit
    })
  })
}

/**
 * Gives a refund back to be asked about later, or sets it aside.
 *
 * @param later.waitMs how long what is waited for takes by itself; what is in vain for days is set aside all the same
 */
export async function refundLater(
  { db, log, now }: Pick<RefundDeps, 'db' | 'log' | 'now'>,
  refund: Pick<Refund, 'id' | 'asked_since'>,
  held: { owner: string; attempts: number },
  later: { why: string; waitMs?: number },
): Promise<void> {
  const next = nextAsk({ since: refund.asked_since, attempts: held.attempts }, now())
  const soon = later.waitMs === undefined ? next : new Date(now().getTime() + later.waitMs)
  const fields = { refundId: refund.id, attempts: held.attempts, code: later.why }
  if (next >= setAside) log.error('refund.set_aside', fields)
  else log.warn('refund.asked_later', fields)
  await Refund.query(db)
    .where({ id: refund.id, state: 'REQUESTED', lease_owner: held.owner })
    .patch({
      next_attempt_at: next >= setAside ? next : soon,
      asked_since: refund.asked_since ?? now(),
      last_word: later.why.slice(0, 64),
      lease_owner: null,
    })
}

// An account that was told while this process held the refund hurried nothing.
async function hurryIfTold(
  { db, now }: Pick<RefundDeps, 'db' | 'now'>,
  { id }: Refund,
  payment: Payment,
): Promise<void> {
  const { refund_account: told } = await Payment.query(db).findById(payment.id).throwIfNotFound()
  if (told === null || told === payment.refund_account) return
  await Refund.query(db).where({ id, state: 'REQUESTED', lease_owner: null }).patch({ next_attempt_at: now() })
}

/** Tells commerce of a refund that is DONE, and of what is left by now; told again it changes nothing. */
export async function tellRefunded(trx: Knex.Transaction, payment: Payment, refund: Refund): Promise<void> {
  const whole = amountOf(payment)
  if (whole === undefined) throw new Error(`Payment ${payment.id} has no amount`)
  const { currency } = whole
  const returned = (await returnedAmounts(trx, [payment.id])).get(payment.id) ?? 0
  const data = {
    paymentId: payment.id,
    orderId: payment.order_id,
    claimId: claimOfKey(refund.idempotency_key),
    refunded: { amount: refund.amount, currency },
    remaining: { amount: whole.amount - returned, currency },
    restock: refund.restock,
  }
  await appendEvent(trx, { target: 'commerce', event: { type: 'payment.refunded', data } })
}

/** Collaborators of completeRefund; `wake` has the outbox relay look now. */
export interface RefundDeps {
  db: Knex
  gateways: Gateways
  log: Logger
  now: () => Date
  wake: () => void
}

/**
 * Has the gateway give the money back, once, and tells commerce. What it refuses for good ends FAILED, and the amount may be
 * refunded anew; what got no clear answer is sent again, under the same key, later and later.
 *
 * @param held who holds the refund; what somebody else has taken up meanwhile is left alone
 */
export async function completeRefund(
  deps: RefundDeps,
  refund: Refund,
  held: { owner: string; attempts: number },
): Promise<void> {
  const { db, gateways, now, wake } = deps
  const payment = await Payment.query(db).findById(refund.payment_id).throwIfNotFound()
  const whole = amountOf(payment)
  if (whole === undefined) throw new Error(`Payment ${payment.id} has no amount`)
  const amount = { amount: refund.amount, currency: whole.currency }
  const reference = payment.gateway_reference
  const outcome: RefundOutcome =
    reference === null
      ? { status: 'REFUSED', code: 'NOTHING_CHARGED' }
      : lacksRefundAccount(payment)
        ? { status: 'LATER', code: 'NO_REFUND_ACCOUNT' }
        : await gateways.get(payment.gateway).refund({
            paymentId: payment.id,
            reference,
            amount,
            key: refundKeyOf(refund.id, payment),
            reason: 'refund',
            account: refundAccountOf(payment),
          })
  if (outcome.status === 'WRONG_ACCOUNT') await forgetAccount(db, payment)
  if (outcome.status === 'UNCLEAR' || outcome.status === 'LATER' || outcome.status === 'WRONG_ACCOUNT') {
    const waitsForBuyer = outcome.status === 'WRONG_ACCOUNT' || lacksRefundAccount(payment)
    // the buyer's account hurries it
    const waitMs = waitsForBuyer ? noAccountMs : consecutiveMs * (1 + Math.random() / 4)
    const isSoon = waitsForBuyer || (outcome.status === 'LATER' && held.attempts < consecutiveTries)
    await refundLater(deps, refund, held, { why: outcome.code, ...(isSoon && { waitMs }) })
    if (waitsForBuyer) await hurryIfTold(deps, refund, payment)
    return
  }
  await inTransaction(db, async (trx) => {
    const locked = await Payment.query(trx).findById(payment.id).forUpdate().throwIfNotFound()
    const end =
      outcome.status === 'REFUNDED'
        ? { state: 'DONE' as const }
        : { state: 'FAILED' as const, failure_reason: outcome.code.slice(0, 64) }
    const ended = await Refund.query(trx)
      .where({ id: refund.id, state: 'REQUESTED' })
      .patch({ ...end, ended_at: now(), next_attempt_at: null, lease_owner: null })
    if (ended === 0) return
    const subject = { paymentId: payment.id, orderId: payment.order_id }
    const claimId = claimOfKey(refund.idempotency_key)
    if (end.state === 'FAILED') {
      const left = { refunded_amount: locked.refunded_amount - refund.amount, updated_at: now() }
      await Payment.query(trx).findById(payment.id).patch(left)
      if (claimId !== null) await tellRefundFailed(trx, { ...subject, claimId, reason: end.failure_reason })
      return
    }
    const returned = (await returnedAmounts(trx, [payment.id])).get(payment.id) ?? 0
    const state = returned === whole.amount ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
    await Payment.query(trx)
      .findById(payment.id)
      .patch({ state, updated_at: now(), ...(state === 'REFUNDED' && { refund_account: null }) })
    const { id: paymentId, seller_id: sellerId, gateway: via } = locked
    const booked = { paymentId, sellerId, gateway: via, currency: whole.currency }
    await writeEntries(trx, refundEntries(booked, refund, now()))
    await tellRefunded(trx, locked, refund)
  })
  wake()
}
