import type { Knex } from 'knex'
import { z } from 'zod'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { dealShape, type Deal } from '@mytaek1/contracts/live-events.ts'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { idShape } from '../ids.ts'
import { closeDeal, dealsOfShow, openDeal } from '../inventory/run-deal.ts'
import { lockOwnOpen, ProductNotShownError, requireOwnBroadcast, WrongStateError } from './change-broadcast.ts'

const unitsMax = 1_000_000

export const newDealShape = z
  .strictObject({
    productId: idShape,
    off: moneyShape
      .refine(({ amount }) => amount > 0, 'must be more than nothing')
      .describe('what each unit costs less, whichever variant; in the currency of the price'),
    units: z.number().int().min(1).max(unitsMax).describe('how many are sold so, in all orders that are not released'),
    unitsPerBuyer: z
      .number()
      .int()
      .min(1)
      .max(unitsMax)
      .nullable()
      .default(null)
      .describe('of them, for one buyer; null: as many as are left'),
    seconds: z.number().int().min(30).max(1_800).describe('for how long, by the server’s clock'),
  })
  .meta({ id: 'NewDeal' })
export type NewDealAsked = z.infer<typeof newDealShape>

export const dealsShape = z.object({ items: z.array(dealShape) })

/**
 * Starts a deal on a product that a show which is on shows; whoever orders the product gets the price, in the show or not.
 *
 * @throws {WrongStateError | ProductNotShownError | DealRunningError | DealTooLargeError} see each.
 */
export async function startDeal(
  db: Knex,
  caller: AccessTokenClaims,
  broadcastId: string,
  deal: NewDealAsked,
): Promise<Deal> {
  const { productId } = deal
  return await inTransaction(db, async (trx) => {
    const { state } = await lockOwnOpen(trx, caller, broadcastId, 'given a deal')
    if (state === 'scheduled') throw new WrongStateError('given a deal', state)
    const shown = { broadcast_id: broadcastId, product_id: productId, hidden: false }
    if ((await trx('broadcast_products').where(shown).first('product_id')) === undefined)
      throw new ProductNotShownError(productId)
    return await openDeal(trx, { ...deal, broadcastId })
  })
}

/** Ends a deal of the caller's show, or of any for an admin; orders that were placed in it keep their price. */
export async function endDeal(db: Knex, caller: AccessTokenClaims, id: string): Promise<Deal> {
  const row = await db('deals').where({ id }).first<{ broadcast_id: string } | undefined>('broadcast_id')
  if (row === undefined) throw new NotFoundError('deal', id)
  await requireOwnBroadcast(db, caller, row.broadcast_id)
  return await inTransaction(db, (trx) => closeDeal(trx, id))
}

/** The deals of the caller's show, or of any for an admin, the newest first. */
export async function listDeals(db: Knex, caller: AccessTokenClaims, broadcastId: string): Promise<Deal[]> {
  await requireOwnBroadcast(db, caller, broadcastId)
  return await dealsOfShow(db, broadcastId)
}
