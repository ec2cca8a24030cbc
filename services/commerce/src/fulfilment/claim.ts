import type { Knex } from 'knex'
import type { ClaimKind, ClaimState } from './order-life.ts'

/** What somebody asks for on an order that is paid for: to call it off, or to send units back. */
export interface Claim {
  id: string
  orderId: string
  sellerId: string
  buyerId: string
  kind: ClaimKind
  state: ClaimState
  items: readonly ClaimItem[]
  /** Of whoever asked. */
  reason: string
  /** Of a seller who rejected it. */
  answer: string
  /** Whether its units went on sale again; null while that is open. */
  restock: boolean | null
  /** How giving the money back goes; null: nothing goes back, or not yet. */
  refund: {
    state: 'REQUESTED' | 'DONE' | 'FAILED'
    /** Null: all that was left. */
    amount: number | null
    /** What of it is for sending the order; of all that was left it is not said. */
    shipping: number
    reason: string | null
  } | null
  createdAt: Date
  endedAt: Date | null
}

/** Units of one product of a claim, or of one variant of the product `variantOf`. */
export interface ClaimItem {
  productId: string
  variantOf?: string | null
  quantity: number
}

/** The row of a claim. */
export interface ClaimRow {
  id: string
  order_id: string
  seller_id: string
  buyer_id: string
  kind: ClaimKind
  state: ClaimState
  reason: string
  answer: string
  restock: number | null
  refund_state: 'REQUESTED' | 'DONE' | 'FAILED' | null
  refund_amount: number | null
  refund_reason: string | null
  refund_shipping: number
  created_at: Date
  ended_at: Date | null
}

const claimsOfOrderMax = 100 // an order has one open claim at a time, its buyer makes a fifth of these, and its seller one
/** What a buyer may ask for on one order, what was taken back or rejected included: all of an order's claims can be read. */
export const claimsOfBuyerMax = 20

/** The claims on orders, by order id, the oldest first; bounded by what is asked. */
export async function claimsOf(
  db: Knex | Knex.Transaction,
  orderIds: readonly string[],
): Promise<Map<string, readonly Claim[]>> {
  if (orderIds.length === 0) return new Map()
  const rows: ClaimRow[] = await db('claims')
    .whereIn('order_id', [...orderIds])
    .orderBy('id')
    .limit(orderIds.length * claimsOfOrderMax)
  return Map.groupBy(await toClaims(db, rows), ({ orderId }) => orderId)
}

/** One claim; undefined when there is none. With `locked`, its row is held to the end of the transaction. */
export async function findClaim(
  db: Knex | Knex.Transaction,
  id: string,
  { locked = false }: { locked?: boolean } = {},
): Promise<Claim | undefined> {
  const query = db('claims').where('id', id)
  const row: ClaimRow | undefined = await (locked ? query.forUpdate() : query).first()
  return row && (await toClaims(db, [row]))[0]
}

/** Claims of their rows, with what they are of. */
export async function toClaims(db: Knex | Knex.Transaction, rows: readonly ClaimRow[]): Promise<Claim[]> {
  if (rows.length === 0) return []
  const items: ItemRow[] = await db('claim_items')
    .leftJoin('products', 'products.id', 'claim_items.product_id')
    .whereIn(
      'claim_id',
      rows.map(({ id }) => id),
    )
    .orderBy(['claim_id', 'product_id'])
    .select('claim_id', 'product_id', 'quantity', 'variant_of')
  const byClaim = Map.groupBy(items, (item) => item.claim_id)
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    sellerId: row.seller_id,
    buyerId: row.buyer_id,
    kind: row.kind,
    state: row.state,
    items: (byClaim.get(row.id) ?? []).map(toItem),
    reason: row.reason,
    answer: row.answer,
    restock: row.restock === null ? null : Boolean(row.restock),
    refund:
      row.refund_state === null
        ? null
        : {
            state: row.refund_state,
            amount: row.refund_amount,
            shipping: row.refund_shipping,
            reason: row.refund_reason,
          },
    createdAt: row.created_at,
    endedAt: row.ended_at,
  }))
}

interface ItemRow {
  claim_id: string
  product_id: string
  quantity: number
  variant_of: string | null
}

const toItem = ({ product_id: productId, quantity, variant_of: variantOf }: ItemRow): ClaimItem => ({
  productId,
  quantity,
  variantOf,
})
