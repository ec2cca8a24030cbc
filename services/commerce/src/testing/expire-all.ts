import type { Knex } from 'knex'
import { expireReservations } from '../inventory/expire-reservations.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { eventually } from './eventually.ts'

/**
 * Has all reservations whose time is over come back. Engines sweep of their own accord, too, and what one of them holds at that
 * moment another passes over: so it is looked for until none is left.
 */
export async function expireAll(db: Knex, onChange: (change: StockChange) => void = () => undefined): Promise<void> {
  await eventually('what ran out is back', async () => {
    await expireReservations(db, onChange)
    const left = await db('orders')
      .where('state', 'RESERVED')
      .where('expires_at', '<=', db.raw('UTC_TIMESTAMP(3)'))
      .whereNull('claimed_at')
      .first('id')
    return left === undefined ? true : undefined
  })
}
