import { hash } from 'node:crypto'

/** What a buyer asks for. Ids are those of tokens and paths: 1 to 32 of `A-Z a-z 0-9 _ -`. */
export interface OrderRequest {
  buyerId: string
  idempotencyKey: string
  productId: string
  quantity: number
  broadcastId: string | null
}

/** A request as the batch transaction takes it: every text in it is safe inside an SQL literal. */
export interface CheckedRequest {
  requestId: string
  buyerId: string
  productId: string
  quantity: number
  broadcastId: string | null
}

/** One product of an order of several. `unitAmount`: its price in minor units when it was ordered. */
export interface OrderItem {
  productId: string
  quantity: number
  unitAmount: number
}

/** An order as its row says. Times are Unix milliseconds of the database's clock. */
export interface ReservedOrder {
  id: string
  /** Null: several products, which are in `items`, in order of product id. */
  productId: string | null
  items?: readonly OrderItem[] | undefined
  broadcastId: string | null
  quantity: number // units of all products
  state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'
  totalAmount: number // minor units
  currency: string
  createdAt: number
  expiresAt: number
}

/**
 * How a request ended. `known` tells that this request's order was there before: the answer is the same as the first.
 * A refusal is not remembered: the same key may be tried again.
 */
export type Outcome =
  | { kind: 'reserved'; order: ReservedOrder; known: boolean }
  | { kind: 'sold_out'; available: number }
  | { kind: 'over_limit'; limit: number }
  | { kind: 'total_too_large' }
  | { kind: 'key_reused' }
  | { kind: 'not_for_sale' }

const idPattern = /^[\w-]{1,32}$/

/** Whether a text may be an id, and so may stand in an SQL literal. */
export const isId = (text: string) => idPattern.test(text)

/**
 * Checks a request and gives it its identity: the buyer's id, and 132 bits of SHA-256 over buyer and Idempotency-Key, so
 * that keys of any characters need no escaping.
 *
 * @returns undefined when a product or broadcast id is not one: then there is no such product.
 */
export function checkRequest(request: OrderRequest): CheckedRequest | undefined {
  const { buyerId, idempotencyKey, productId, quantity, broadcastId } = request
  if (!isId(buyerId) || !Number.isInteger(quantity) || quantity < 1) throw new RangeError('Not an order request')
  if (!isId(productId) || (broadcastId !== null && !isId(broadcastId))) return undefined
  return { requestId: requestIdOf(buyerId, idempotencyKey), buyerId, productId, quantity, broadcastId }
}

/** The identity of a request, whatever it asks for. */
export const requestIdOf = (buyerId: string, idempotencyKey: string) =>
  hash('sha256', `${buyerId}\n${idempotencyKey}`, 'base64url').slice(0, 22)
