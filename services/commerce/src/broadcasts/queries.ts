import type { Knex } from 'knex'
import { decodeCursor, toPage } from '../paging.ts'
import { Product } from '../catalog/product.ts'
import type { BroadcastState } from './broadcast-state.ts'
import { Broadcast } from './broadcast.ts'

/** What lists may be narrowed to. `live` has the interrupted ones too: viewers still see them. */
export const stateFilters = Object.freeze(['scheduled', 'open', 'live', 'ended'] as const)
export type StateFilter = (typeof stateFilters)[number]

/** One page of broadcasts, newest first. */
export async function listBroadcasts(
  db: Knex,
  filter: { state?: StateFilter; sellerId?: string },
  page: { limit: number; cursor?: string },
): Promise<{ items: Broadcast[]; nextCursor: string | null }> {
  const query = Broadcast.query(db).orderBy([
    { column: 'created_at', order: 'desc' },
    { column: 'id', order: 'desc' },
  ])
  if (filter.state !== undefined) void query.whereIn('state', statesOf(filter.state))
  if (filter.sellerId !== undefined) void query.where('seller_id', filter.sellerId)
  if (page.cursor !== undefined) {
    const { at, id } = decodeCursor(page.cursor)
    void query.whereRaw('(created_at, id) < (?, ?)', [at, id])
  }
  const rows = await query.limit(page.limit + 1)
  return toPage(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** The products of broadcasts, in the order that the seller gave. Bounded by a page and by products a broadcast. */
export async function productsOf(db: Knex, broadcastIds: readonly string[]): Promise<Map<string, Product[]>> {
  const found = new Map<string, Product[]>(broadcastIds.map((id) => [id, []]))
  if (broadcastIds.length === 0) return found
  const shown = await Product.query(db)
    .join('broadcast_products', 'broadcast_products.product_id', 'products.id')
    .whereIn('broadcast_id', [...broadcastIds])
    .orderBy('position')
    .select('products.*', 'broadcast_id')
    .castTo<(Product & { broadcastId: string })[]>()
  for (const product of shown) found.get(product.broadcastId)?.push(product)
  return found
}

/** Display names of sellers by account id. */
export async function sellerNames(db: Knex, sellerIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db('accounts')
    .whereIn('id', [...new Set(sellerIds)])
    .select<{ id: string; display_name: string }[]>('id', 'display_name')
  return new Map(rows.map((row) => [row.id, row.display_name]))
}

/** What viewers see move of a broadcast: the rows' side of its live events. */
export interface Show {
  state: BroadcastState
  pin: { productId: string | null; at: string } | undefined
  productIds: string[]
}

/** Reads the shows of broadcasts by id; unknown ids are left out. */
export async function readShows(db: Knex, broadcastIds: readonly string[]): Promise<Map<string, Show>> {
  const ids = [...broadcastIds]
  const [rows, shown] = await Promise.all([
    Broadcast.query(db).findByIds(ids).select('id', 'state', 'pinned_product_id', 'pinned_at'),
    db('broadcast_products')
      .whereIn('broadcast_id', ids)
      .orderBy('position')
      .select<{ broadcast_id: string; product_id: string }[]>('broadcast_id', 'product_id'),
  ])
  const shows = new Map<string, Show>()
  for (const { id, state, pinnedProductId, pinnedAt } of rows) {
    const pin = pinnedAt === null ? undefined : { productId: pinnedProductId, at: pinnedAt.toISOString() }
    shows.set(id, { state, pin, productIds: [] })
  }
  for (const { broadcast_id, product_id } of shown) shows.get(broadcast_id)?.productIds.push(product_id)
  return shows
}

/** The broadcasts that show a product and have not ended. A product is shown in few; the newest 100. */
export async function openShowsOf(db: Knex, productId: string): Promise<string[]> {
  const rows = await db('broadcast_products')
    .join('broadcasts', 'broadcasts.id', 'broadcast_products.broadcast_id')
    .where('product_id', productId)
    .whereNot('state', 'ended')
    .orderBy('broadcasts.created_at', 'desc')
    .limit(100)
    .select<{ id: string }[]>('broadcasts.id')
  return rows.map(({ id }) => id)
}

const statesOf = (filter: StateFilter): BroadcastState[] => (filter === 'live' ? ['live', 'interrupted'] : [filter])
