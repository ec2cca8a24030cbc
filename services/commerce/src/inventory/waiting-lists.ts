import type { Knex } from 'knex'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { queryOf, type Query } from '@mytaek1/platform/mysql-session.ts'
import type { HoldLimits } from './hold-limits.ts'
import {
  findPlace,
  joinList,
  listLimits,
  type JoinOutcome,
  type ListLimits,
  type NewPlace,
} from './join-waiting-list.ts'
import { isId } from './order-request.ts'
import { lockStock, type LockedStock, type StockChange } from './stock-row.ts'
import { findOver, takeOff, type Place } from './waiting-list.ts'

const productsPerSweep = 200

/** What waiting lists share with orders. */
export interface WaitingListsDeps {
  db: Knex
  holdMs: number
  holdLimits: HoldLimits
  announce: (change: StockChange) => void
  limits?: ListLimits
}

/** The part of the engine for who waits; what is offered is told with the change of stock that it is, see `StockChange`. */
export interface WaitingLists {
  /** Gives a buyer a place; may be repeated. */
  join(place: NewPlace): Promise<JoinOutcome>
  /** Gives a place up, and what was offered to it to the next; may be repeated. */
  leave(place: Pick<NewPlace, 'buyerId' | 'productId'>): Promise<void>
  /** Ends offers and places whose time is over; answers how many. Any number of processes may do so at once. */
  sweep(): Promise<number>
}

/** Makes the waiting lists of a process. Contention of their rows is tried again. */
export function createWaitingLists(deps: WaitingListsDeps): WaitingLists {
  const { db, holdMs, holdLimits, announce, limits = listLimits } = deps

  /** Takes places off a product's list, under the lock of its row. */
  async function end(productId: string, find: (query: Query, row: LockedStock) => Promise<Place[]>): Promise<number> {
    const { count, change } = await inTransaction(db, async (trx) => {
      const query = queryOf(trx)
      const row = await lockStock(query, productId)
      const places = row ? await find(query, row) : []
      if (!row || places.length === 0) return { count: 0, change: undefined }
      return { count: places.length, change: await takeOff(query, row, places) }
    })
    if (change) announce(change)
    return count
  }

  return {
    async join(place) {
      if (![place.buyerId, place.productId, place.variantOf ?? 'none'].every(isId)) return { kind: 'not_for_sale' }
      await end(place.productId, findOver) // an offer of this buyer's may just have ended: they wait anew, behind the others
      return await inTransaction(db, (trx) => joinList(queryOf(trx), place, { holdMs, holdLimits, limits }))
    },
    async leave(place) {
      if (![place.buyerId, place.productId].every(isId)) return
      await end(place.productId, (query) => findPlace(query, place))
    },
    async sweep() {
      const over: string[] = await db('waiting_places')
        .where('ends_at', '<=', db.raw('UTC_TIMESTAMP(3)'))
        .distinct('product_id')
        .limit(productsPerSweep)
        .pluck('product_id')
      let ended = 0
      for (const productId of over) ended += await end(productId, findOver)
      return ended
    },
  }
}
