import type { Knex } from 'knex'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { dealColumns, toDeal } from './deal-levels.ts'
import { lockStock } from './stock-row.ts'

const listMax = 200

/** What is to be sold for less: `off` each unit, whichever variant it is. */
export interface NewDeal {
  productId: string
  broadcastId: string
  off: Money
  units: number
  unitsPerBuyer: number | null
  seconds: number
}

/** Another deal of the product runs: one does at a time. */
export class DealRunningError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'deal_running'
  constructor(productId: string, dealId: string) {
    super(`Deal ${dealId} of product ${productId} runs; end it first`)
  }
}

/** A unit would cost nothing, or what is taken off is in another currency than the price. */
export class DealTooLargeError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'deal_too_large'
  constructor(productId: string, { amount, currency }: Money) {
    super(`Product ${productId}, or a variant of it, does not cost more than ${amount} ${currency} (minor units)`)
  }
}

/**
 * Starts a deal of a product, with all its variants, under the lock that its orders are decided under; its time begins now.
 *
 * @throws {NotFoundError | DealRunningError | DealTooLargeError} the product is not for sale; see each.
 */
export async function openDeal(trx: Knex.Transaction, deal: NewDeal): Promise<Deal> {
  const { productId, broadcastId, off, units, unitsPerBuyer, seconds } = deal
  const row = await lockStock(queryOf(trx), productId)
  if (!row?.forSale) throw new NotFoundError('product for sale', productId)
  if (row.dealId !== undefined) throw new DealRunningError(productId, row.dealId)
  const sold = trx('products').select<{ price_amount: number; price_currency: string }[]>(
    'price_amount',
    'price_currency',
  )
  const prices = await (row.hasOptions
    ? sold.where('variant_of', productId).whereNotNull('variant_position')
    : sold.where('id', productId))
  const isLess = prices.every((each) => each.price_currency === off.currency && each.price_amount > off.amount)
  if (!isLess) throw new DealTooLargeError(productId, off)
  const id = newId('deal', row.now)
  const endsAt = new Date(row.now + seconds * 1_000)
  await trx('deals').insert({
    id,
    product_id: productId,
    broadcast_id: broadcastId,
    currency: off.currency,
    off_amount: off.amount,
    units,
    units_per_buyer: unitsPerBuyer,
    starts_at: new Date(row.now),
    ends_at: endsAt,
  })
  await trx('product_stock').where('product_id', productId).update({ deal_id: id, deal_ends_at: endsAt })
  return await readDeal(trx, id)
}

/**
 * Ends a deal now, under the same lock; one that is over stays as it was.
 *
 * @throws {NotFoundError} there is no such deal.
 */
export async function closeDeal(trx: Knex.Transaction, id: string): Promise<Deal> {
  const { productId } = await readDeal(trx, id)
  const row = await lockStock(queryOf(trx), productId)
  if (row?.dealId === id) {
    const now = new Date(row.now)
    await trx('deals')
      .where({ id })
      .update({ ends_at: now, revision: trx.raw('revision + 1') })
    await trx('product_stock').where('product_id', productId).update({ deal_ends_at: now })
  }
  return await readDeal(trx, id)
}

/** A deal, whether it runs or not; throws NotFoundError. */
export async function readDeal(db: Knex | Knex.Transaction, id: string): Promise<Deal> {
  const [deal] = await find(db, { id })
  if (deal === undefined) throw new NotFoundError('deal', id)
  return deal
}

/** The deals that were started in a show, the newest first, at most 200; what is not `remaining` of one was sold in it. */
export const dealsOfShow = (db: Knex, broadcastId: string): Promise<Deal[]> => find(db, { broadcast_id: broadcastId })

async function find(db: Knex | Knex.Transaction, which: { id: string } | { broadcast_id: string }): Promise<Deal[]> {
  const rows: { deal: string }[] = await db('deals')
    .where(which)
    .orderBy('id', 'desc')
    .limit(listMax)
    .select(db.raw(`${dealColumns} AS deal`))
  return rows.flatMap(({ deal }) => toDeal(deal) ?? [])
}
