import type { Knex } from 'knex'
import { decodeCursor, toPage } from '../paging.ts'
import { toFulfilment, type Fulfilment, type FulfilmentRow } from './fulfilment.ts'
import { dispatchDays, type FulfilmentState } from './order-life.ts'

/** Which of a seller's orders are asked for; all that is given has to be so. */
export interface SalesFilter {
  state?: FulfilmentState | undefined
  /** They should have been on their way by now. */
  late?: boolean | undefined
  /** A claim waits for the seller. */
  claims?: boolean | undefined
  /** The beginning of the order's number, its tracking number, or a part of the recipient's name. */
  text?: string | undefined
}

/** One page of the orders that a seller was paid for, newest first. */
export async function listSales(
  db: Knex,
  { sellerId, filter, now }: { sellerId: string; filter: SalesFilter; now: Date },
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: Fulfilment[]; nextCursor: string | null }> {
  const query = db('fulfilments').where('fulfilments.seller_id', sellerId).orderBy('fulfilments.order_id', 'desc')
  if (filter.state !== undefined) void query.where('fulfilments.state', filter.state)
  if (filter.late) {
    void query
      .whereIn('fulfilments.state', ['PAID', 'PREPARING'])
      .where('fulfilments.paid_at', '<', new Date(now.getTime() - dispatchDays * 86_400_000))
  }
  if (filter.claims) {
    const open = db('claims')
      .select('order_id')
      .where('seller_id', sellerId)
      .whereIn('state', ['REQUESTED', 'COLLECTING'])
    void query.whereIn('fulfilments.order_id', open)
  }
  if (filter.text !== undefined) withText(query, filter.text)
  if (page.cursor !== undefined) void query.where('fulfilments.order_id', '<', decodeCursor(page.cursor).id)
  const rows: FulfilmentRow[] = await query.select('fulfilments.*').limit(page.limit + 1)
  return toPage(rows.map(toFulfilment), page.limit, ({ orderId, paidAt }) => ({ at: paidAt, id: orderId }))
}

/** A seller's orders in a state, the oldest first: what is packed in a day. */
export async function oldestSales(
  db: Knex,
  { sellerId, state, limit }: { sellerId: string; state: FulfilmentState; limit: number },
): Promise<Fulfilment[]> {
  const rows: FulfilmentRow[] = await db('fulfilments')
    .where({ seller_id: sellerId, state })
    .orderBy('order_id')
    .limit(limit)
  return rows.map(toFulfilment)
}

function withText(query: Knex.QueryBuilder, text: string): void {
  const literal = text.replaceAll(/[\\%_]/g, String.raw`\$&`)
  void query.leftJoin('order_addresses', 'order_addresses.order_id', 'fulfilments.order_id')
  void query.where((either) => {
    void either.where('order_addresses.recipient', 'like', `%${literal}%`)
    if (!/^[\w-]+$/.test(text)) return // those columns are ASCII
    void either.orWhere('fulfilments.order_id', 'like', `${literal}%`).orWhere('fulfilments.tracking_number', text)
  })
}

/** What happened to an order, the oldest first. */
export async function readHistory(
  db: Knex,
  orderId: string,
): Promise<{ at: Date; actorId: string; actorRole: string; action: string; details: string }[]> {
  const rows: { at: Date; actor_id: string; actor_role: string; action: string; details: string }[] = await db(
    'fulfilment_events',
  )
    .where('order_id', orderId)
    .orderBy('seq')
    .limit(historyMax)
  return rows.map(({ actor_id: actorId, actor_role: actorRole, ...row }) => ({ ...row, actorId, actorRole }))
}

const historyMax = 200
