import { hash } from 'node:crypto'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { HoldRefusal } from './hold-limits.ts'
import type { CouponRefusal } from './coupon.ts'
import type { Shipping } from './shipping.ts'

/**
 * What a buyer asks for. Ids are those of tokens and paths: 1 to 32 of `A-Z a-z 0-9 _ -`. To the engine a product is what
 * has stock and a price: one without options, or a variant of one that has some.
 */
export interface OrderRequest {
  buyerId: string
  idempotencyKey: string
  productId: string
  quantity: number
  broadcastId: string | null
  /** What the buyer agreed to pay; undefined: whatever it costs. */
  expectedTotal?: Money | undefined
  /** It goes to a remote area. */
  isRemote?: boolean | undefined
  /** The coupon to use. */
  couponId?: string | undefined
}

/**
 * Asked before a request is queued, but not for one that is sold out as far as this process knows; throws to refuse it.
 *
 * @returns for each item the units that came to the request's address lately, its own among them; see hold-limits.ts.
 */
export type Admit = (items: readonly WantedItem[]) => Promise<readonly number[]>

/** Units of a product, or of a variant of the product `variantOf`. */
export interface WantedItem {
  productId: string
  variantOf?: string | undefined
  quantity: number
}

/** A request as the batch transaction takes it: every text in it is safe inside an SQL literal. */
export interface CheckedRequest {
  requestId: string
  buyerId: string
  productId: string
  quantity: number
  broadcastId: string | null
  expectedTotal?: Money | undefined
  isRemote?: boolean | undefined
  couponId?: string | undefined
  addressUnits?: number | undefined // as `Admit` answered
}

/** One product of an order of several. `unitAmount`: its price in minor units when it was ordered. */
export interface OrderItem {
  productId: string
  quantity: number
  unitAmount: number
  /** Which revision of the product was ordered; null: by a version that kept none. */
  productRevision: number | null
  /** The deal whose price it is; undefined: the usual price. */
  dealId?: string | undefined
}

/** The product whose limits per buyer count, and under whose lock they do. */
export const limitedBy = ({ productId, variantOf }: Omit<WantedItem, 'quantity'>): string => variantOf ?? productId

/** An order as its row says. Times are Unix milliseconds of the database's clock. */
export interface ReservedOrder {
  id: string
  /** Null: several products, which are in `items`, in order of product id. */
  productId: string | null
  items?: readonly OrderItem[] | undefined
  broadcastId: string | null
  quantity: number // units of all products
  /** Of a single product; see `OrderItem`. */
  productRevision: number | null
  /** The same. */
  dealId?: string | undefined
  state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'
  totalAmount: number // minor units, with what sending it costs
  /** Undefined: nothing was agreed, and it costs nothing. */
  shipping?: Shipping | undefined
  /** The coupon that was used, and what it took off the goods. */
  coupon?: { id: string; discountAmount: number } | undefined
  /** The total as it was ordered, where it is another by now. */
  placedAmount?: number | undefined
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
  | HoldRefusal
  | CouponRefusal
  | { kind: 'price_changed'; total: Money }
  | { kind: 'total_too_large' }
  | { kind: 'key_reused' }
  | { kind: 'not_for_sale' }
  /** The product has options: a variant of it is what can be ordered. */
  | { kind: 'variant_required' }

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
  const { buyerId, idempotencyKey, productId, quantity, broadcastId, expectedTotal, isRemote, couponId } = request
  if (!isId(buyerId) || !Number.isInteger(quantity) || quantity < 1) throw new RangeError('Not an order request')
  if (!isId(productId) || (broadcastId !== null && !isId(broadcastId))) return undefined
  if (couponId !== undefined && !isId(couponId)) throw new RangeError('Not a coupon') // it was looked up
  const requestId = requestIdOf(buyerId, idempotencyKey)
  return { requestId, buyerId, productId, quantity, broadcastId, expectedTotal, isRemote, couponId }
}

/** The identity of a request, whatever it asks for. */
export const requestIdOf = (buyerId: string, idempotencyKey: string) =>
  hash('sha256', `${buyerId}\n${idempotencyKey}`, 'base64url').slice(0, 22)

/** Whether the total of an order, as it was ordered, is not what a request agreed to. */
export const isOtherTotal = (
  expected: Money | undefined,
  {
    totalAmount,
    placedAmount = totalAmount,
    currency,
  }: Pick<ReservedOrder, 'totalAmount' | 'placedAmount' | 'currency'>,
): boolean => expected !== undefined && (expected.amount !== placedAmount || expected.currency !== currency)
