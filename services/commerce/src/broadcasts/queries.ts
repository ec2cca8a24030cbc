import type { Knex } from 'knex'
import { raw, type QueryBuilder } from 'objection'
import type { ChatSettings } from '@mytaek1/contracts/live-events.ts'
import { decodeCursor, toPage } from '../paging.ts'
import { Product } from '../catalog/product.ts'
import { toDeal } from '../inventory/deal-levels.ts'
import { levelColumns, type StockLevel } from '../inventory/stock-levels.ts'
import type { BroadcastState } from './broadcast-state.ts'
import { Broadcast } from './broadcast.ts'
import { settingsOf, type SettingsRow } from './chat-settings.ts'
import { pinsOf } from './pins.ts'

/** What lists may be narrowed to. `live` has the interrupted ones too: viewers still see them. */
export const stateFilters = Object.freeze(['scheduled', 'open', 'live', 'ended'] as const)
export type StateFilter = (typeof stateFilters)[number]

/** A broadcast with its seller's name. */
export type ShownBroadcast = Broadcast & { sellerName: string }

/** One broadcast; undefined when there is none. */
export async function findBroadcast(db: Knex, id: string): Promise<ShownBroadcast | undefined> {
  return await withSeller(Broadcast.query(db)).findById(id).castTo<ShownBroadcast | undefined>()
}

/** One page of broadcasts, newest first: a seller's own with those not listed, or everybody's listed ones. */
export async function listBroadcasts(
  db: Knex,
  filter: { state?: StateFilter; sellerId?: string; withUnlisted: boolean },
  page: { limit: number; cursor?: string },
): Promise<{ items: ShownBroadcast[]; nextCursor: string | null }> {
  const query = withSeller(Broadcast.query(db)).orderBy([
    { column: 'created_at', order: 'desc' },
    { column: 'id', order: 'desc' },
  ])
  if (filter.state !== undefined) void query.whereIn('state', statesOf(filter.state))
  if (filter.sellerId !== undefined) void query.where('seller_id', filter.sellerId)
  if (!filter.withUnlisted) void query.where('listed', true)
  if (page.cursor !== undefined) {
    const { at, id } = decodeCursor(page.cursor)
    void query.whereRaw('(created_at, id) < (?, ?)', [at, id])
  }
  const rows = await query.limit(page.limit + 1).castTo<ShownBroadcast[]>()
  return toPage(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** A product with its stock; undefined where it has no stock row. */
export interface ShownProduct {
  product: Product
  /** Only its seller sees it. */
  hidden: boolean
  level: StockLevel | undefined
}

/** The products of broadcasts, in the order that the seller gave. Bounded by a page and by products a broadcast. */
export async function productsOf(db: Knex, broadcastIds: readonly string[]): Promise<Map<string, ShownProduct[]>> {
  const found = new Map<string, ShownProduct[]>(broadcastIds.map((id) => [id, []]))
  if (broadcastIds.length === 0) return found
  const shown = await Product.query(db)
    .join('broadcast_products', 'broadcast_products.product_id', 'products.id')
    .leftJoin('product_stock', 'product_stock.product_id', 'products.id')
    .whereIn('broadcast_id', [...broadcastIds])
    .orderBy('position')
    .select('products.*', 'broadcast_id', 'hidden', ...levelColumns(db))
    .castTo<(Product & Omit<StockLevel, 'stock' | 'deal'> & ShownColumns)[]>()
  for (const row of shown) {
    const { stock, version, limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer } = row
    const limits = { limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer }
    const level = stock === null ? undefined : { productId: row.id, stock, version, ...limits, deal: toDeal(row.deal) }
    found.get(row.broadcastId)?.push({ product: row, level, hidden: row.hidden === 1 })
  }
  return found
}

interface ShownColumns {
  broadcastId: string
  hidden: number
  stock: number | null
  deal: string | null
}

/** What viewers see move of a broadcast: the rows' side of its live events. */
export interface Show {
  state: BroadcastState
  pin: { productId: string | null; productIds: string[]; at: string } | undefined
  chat: ChatSettings
  trayRevision: number
  hearts: number
}

/** Reads the shows of broadcasts by id; unknown ids are left out. */
export async function readShows(db: Knex, broadcastIds: readonly string[]): Promise<Map<string, Show>> {
  const rows: (SettingsRow & ShowRow)[] = await db('broadcasts')
    .leftJoin('broadcast_chats', 'broadcast_chats.broadcast_id', 'broadcasts.id')
    .whereIn('broadcasts.id', [...broadcastIds])
    .select('id', 'state', 'pinned_product_id', 'pinned_at', 'pins', 'pins_at', 'tray_revision', 'hearts')
    .select('revision', 'frozen', 'slow_seconds', 'notice')
  return new Map(rows.map((row) => [row.id, showOf(row)]))
}

function showOf({ state, hearts, tray_revision: trayRevision, ...row }: SettingsRow & ShowRow): Show {
  const pinned = pinsOf({
    pinnedProductId: row.pinned_product_id,
    pinnedAt: row.pinned_at,
    pins: row.pins,
    pinsAt: row.pins_at,
  })
  const pin = pinned && {
    productId: pinned.productIds[0] ?? null,
    productIds: pinned.productIds,
    at: pinned.at.toISOString(),
  }
  return { state, pin, chat: settingsOf(row), trayRevision, hearts }
}

interface ShowRow {
  id: string
  state: BroadcastState
  pinned_product_id: string | null
  pinned_at: Date | null
  pins: string | null
  pins_at: Date | null
  tray_revision: number
  hearts: number
}

/** The products that viewers of a broadcast are shown, in the order that the seller gave. */
export async function productIdsOf(db: Knex, broadcastId: string): Promise<string[]> {
  const shown = await db('broadcast_products')
    .where({ broadcast_id: broadcastId, hidden: false })
    .orderBy('position')
    .select<{ product_id: string }[]>('product_id')
  return shown.map((row) => row.product_id)
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

const withSeller = (query: QueryBuilder<Broadcast>) =>
  query.select(
    'broadcasts.*',
    raw('(SELECT display_name FROM accounts WHERE accounts.id = broadcasts.seller_id)').as('seller_name'),
  )
