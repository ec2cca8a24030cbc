import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Address, Destination } from '../address.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { QueueClosedError, QueueDeadlineError, QueueFullError } from '../inventory/batcher.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { BasketOutcome, BasketRequest } from '../inventory/basket.ts'
import {
  limitedBy,
  requestIdOf,
  type Admit,
  type Outcome,
  type ReservedOrder,
  type WantedItem,
} from '../inventory/order-request.ts'
import { findCouponId, type CouponNamed } from '../catalog/coupons.ts'
import { VariantRequiredError } from '../catalog/variant-errors.ts'
import { variantsOf } from '../catalog/variant-queries.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { AddressUnits } from './address-units.ts'
import type { BroadcastOffers } from './broadcast-offers.ts'
import {
  BarredError,
  CouponRefusedError,
  IdempotencyKeyMissingError,
  IdempotencyKeyReusedError,
  MixedCurrenciesError,
  MixedSellersError,
  NotInBroadcastError,
  OverLimitError,
  PriceChangedError,
  RequestInFlightError,
  SoldOutError,
  TotalTooLargeError,
  UnpaidLimitError,
} from './order-errors.ts'

import { soldOf } from './schema.ts'

/** Requests that this process is working on, by buyer and key. */
export type RequestsInFlight = Set<string>

/** Where orders go, for requests that say so. */
export interface Destinations {
  /** Undefined: the default was meant, and there is none. @throws {NotFoundError} no such address of the buyer's book. */
  find(buyerId: string, destination: Destination): Promise<Address | undefined>
  /** Writes it down, unless the order has an address or nothing of it is sent; may be repeated. */
  note(orderId: string, address: Address): Promise<void>
}

/** What placing an order works with. `limit`: how often one account may ask. */
export interface PlaceOrderDeps {
  db: Knex
  inventory: Inventory
  inFlight: RequestsInFlight
  limit: RateLimit
  addressUnits: AddressUnits
  offers: BroadcastOffers
}

/** Units of a product; of one with options the variant is named, unless there is but one. */
export interface NewItem {
  productId: string
  variantId?: string | undefined
  quantity: number
}

/** What a buyer asks for: one product, or several different ones. `address`: where the request comes from. */
export interface NewOrder {
  buyerId: string
  address: string
  idempotencyKey: string | undefined
  items: readonly NewItem[]
  broadcastId: string | null
  expectedTotal?: Money | undefined
  /** It goes to a remote area. */
  isRemote?: boolean | undefined
  coupon?: CouponNamed | undefined
}

/**
 * Places an order and answers when it is durable. Of a product with a single variant that one is meant, named or not.
 *
 * A request seen before is answered with its order as that is now. Two equal requests at once: the second is refused
 * when the same process has both, and otherwise waits for the first inside the row lock.
 *
 * @throws {SoldOutError | OverLimitError | UnpaidLimitError | PriceChangedError | BarredError | TotalTooLargeError | MixedSellersError | MixedCurrenciesError | NotInBroadcastError | NotFoundError | RateLimitedError} refused; nothing is remembered, the same key may try again.
 * @throws {CouponRefusedError} the coupon takes nothing off.
 * @throws {VariantRequiredError} a product has options, and the order does not say which of its variants.
 * @throws {IdempotencyKeyMissingError | IdempotencyKeyReusedError | RequestInFlightError} see each.
 * @throws {UnavailableError} not answered in time; whether an order was made tells the same request, sent again.
 */
export async function placeOrder(deps: PlaceOrderDeps, order: NewOrder): Promise<ReservedOrder> {
  try {
    return await place(deps, order)
  } catch (error) {
    if (error instanceof IdempotencyKeyReusedError) {
      const items = await asOrderedBefore(deps.db, order)
      if (items === undefined) throw error
      return await place(deps, { ...order, items })
    }
    if (!(error instanceof VariantMissing)) throw error
    const items = await withOnlyVariant(deps.db, order.items, error.productId)
    return await placeOrder(deps, { ...order, items })
  }
}

async function place(deps: PlaceOrderDeps, order: NewOrder): Promise<ReservedOrder> {
  const { inventory, inFlight } = deps
  const { buyerId, idempotencyKey, items, broadcastId, expectedTotal, isRemote } = order
  if (idempotencyKey === undefined || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
    throw new IdempotencyKeyMissingError()
  const flight = `${buyerId}\n${idempotencyKey}`
  if (inFlight.has(flight)) throw new RequestInFlightError()
  inFlight.add(flight)
  const { admit, giveBack } = admission(deps, { ...order, idempotencyKey })
  try {
    const [first, ...others] = items
    if (first === undefined) throw new RangeError('An order of nothing') // the schema refuses it
    const couponId = await couponOf(deps.db, order)
    const request = { buyerId, idempotencyKey, broadcastId, expectedTotal, isRemote, couponId }
    const outcome =
      others.length === 0
        ? await placeOne(inventory, { ...request, item: first }, admit)
        : await inventory.placeBasket({ ...request, items: items.map(wanted) }, admit)
    if (outcome.kind !== 'reserved' || outcome.known) await giveBack()
    if (outcome.kind === 'reserved') return outcome.order
    throw refusalOf(outcome, items)
  } catch (error) {
    if (error instanceof QueueFullError) await giveBack() // not looked at: trying again is no second order
    throw translated(error)
  } finally {
    inFlight.delete(flight)
  }
}

/** The coupon that an order names. @throws {CouponRefusedError} there is none that it can mean. */
export async function couponOf(
  db: Knex,
  { coupon, items: [first] }: Pick<NewOrder, 'coupon' | 'items'>,
): Promise<string | undefined> {
  if (coupon === undefined) return undefined
  const id = await findCouponId(db, coupon, first?.productId ?? '')
  if (id === undefined) throw new CouponRefusedError({ kind: 'coupon_not_found' })
  return id
}

// A product without options is its own variant: its orders are the engine's fastest.
async function placeOne(
  inventory: Inventory,
  { item, ...request }: Omit<BasketRequest, 'items'> & { item: NewItem },
  admit: Admit,
): Promise<BasketOutcome> {
  const sold = wanted(item)
  if (sold.variantOf !== undefined) return await inventory.placeBasket({ ...request, items: [sold] }, admit)
  return naming(sold, await inventory.placeOrder({ ...request, ...sold }, admit))
}

/** Items as the engine wants them. */
export const wanted = ({ productId, variantId = productId, quantity }: NewItem): WantedItem => ({
  productId: variantId,
  variantOf: variantId === productId ? undefined : productId,
  quantity,
})

/** The engine met a product with options where no variant is named. */
class VariantMissing extends Error {
  readonly productId: string
  constructor(productId: string) {
    super(`Product ${productId} has options`)
    this.productId = productId
  }
}

const namesNoVariant = (item: NewItem) => soldOf(item) === item.productId

/** The same items, with the only variant of a product named. @throws {VariantRequiredError} it has several. */
export async function withOnlyVariant(db: Knex, items: readonly NewItem[], productId: string): Promise<NewItem[]> {
  const variants = await variantsOf(db, productId)
  const [only] = variants
  const isMeant = (item: NewItem) => item.productId === productId && namesNoVariant(item)
  if (variants.length === 1 && only && !items.some((item) => soldOf(item) === only.id)) {
    return items.map((item) => (isMeant(item) ? { ...item, variantId: only.id } : item))
  }
  const path = items.length === 1 ? 'variantId' : `items.${items.findIndex(isMeant)}.variantId`
  throw new VariantRequiredError(productId, variants, path)
}

/**
 * What was ordered with the same key, where the request names no variant: the one that was meant then, whatever is sold of
 * the product by now. Undefined: the key was another request's.
 */
async function asOrderedBefore(
  db: Knex,
  { buyerId, idempotencyKey = '', items }: NewOrder,
): Promise<NewItem[] | undefined> {
  if (!items.some(namesNoVariant)) return undefined
  const asked = { buyer_id: buyerId, request_id: requestIdOf(buyerId, idempotencyKey) }
  const made: { id: string; product_id: string | null } | undefined = await db('orders')
    .where(asked)
    .first('id', 'product_id')
  if (made === undefined) return undefined
  const ordered: string[] =
    made.product_id === null
      ? await db('order_items').where('order_id', made.id).pluck('product_id')
      : [made.product_id]
  const variants: { id: string; variant_of: string }[] = await db('products')
    .whereIn('id', ordered)
    .whereNotNull('variant_of')
    .select('id', 'variant_of')
  const renamed = items.map((item) => {
    const [only, ...others] = variants.filter(({ variant_of }) => variant_of === item.productId)
    return namesNoVariant(item) && only && others.length === 0 ? { ...item, variantId: only.id } : item
  })
  const isDistinct = new Set(renamed.map(soldOf)).size === renamed.length
  return isDistinct && renamed.some((item, index) => item !== items[index]) ? renamed : undefined
}

function admission(
  { db, limit, addressUnits, offers }: PlaceOrderDeps,
  { buyerId, address, idempotencyKey, broadcastId }: NewOrder & { idempotencyKey: string },
): { admit: Admit; giveBack: () => Promise<unknown> } {
  let taken: Parameters<Admit>[0] = []
  const isRepeat = async () => {
    const made = { buyer_id: buyerId, request_id: requestIdOf(buyerId, idempotencyKey) }
    return (await db('orders').where(made).first('id')) !== undefined
  }
  return {
    admit: async (items) => {
      await limit.consume(buyerId)
      const productIds = items.map(limitedBy)
      const isOffered = broadcastId === null || (await offers.isOffered(broadcastId, productIds))
      // what a broadcast no longer shows was ordered in it before: the same request has the same answer
      if (!isOffered && !(await isRepeat())) throw new NotInBroadcastError(broadcastId)
      taken = items
      return await Promise.all(items.map((item) => addressUnits.take(address, limitedBy(item), item.quantity)))
    },
    giveBack: () => Promise.all(taken.map((item) => addressUnits.giveBack(address, limitedBy(item), item.quantity))),
  }
}

function naming({ productId }: { productId: string }, outcome: Outcome): BasketOutcome {
  if (outcome.kind === 'sold_out') return { kind: 'sold_out', short: [{ productId, available: outcome.available }] }
  if (outcome.kind === 'over_limit' || outcome.kind === 'unpaid_limit' || outcome.kind === 'barred') {
    return { productId, ...outcome }
  }
  if (outcome.kind === 'not_for_sale' || outcome.kind === 'variant_required') return { productId, ...outcome }
  return outcome
}

function refusalOf(outcome: Exclude<BasketOutcome, { kind: 'reserved' }>, items: NewOrder['items']): Error {
  switch (outcome.kind) {
    case 'sold_out':
      return new SoldOutError(
        outcome.short.map(({ productId, available }) => {
          const index = items.findIndex((item) => soldOf(item) === productId)
          const quantity = items[index]?.quantity ?? 0
          return { productId, quantity, available, index: items.length === 1 ? undefined : index }
        }),
      )
    case 'over_limit':
      return new OverLimitError(outcome.productId, outcome.limit)
    case 'unpaid_limit':
      return new UnpaidLimitError(outcome.productId, outcome)
    case 'barred':
      return new BarredError()
    case 'coupon_not_found':
    case 'coupon_not_now':
    case 'coupon_used':
    case 'coupon_used_up':
    case 'coupon_minimum':
      return new CouponRefusedError(outcome)
    case 'price_changed':
      return new PriceChangedError(outcome.total)
    case 'total_too_large':
      return new TotalTooLargeError(items)
    case 'mixed_sellers':
      return new MixedSellersError()
    case 'mixed_currencies':
      return new MixedCurrenciesError()
    case 'key_reused':
      return new IdempotencyKeyReusedError()
    case 'variant_required':
      return new VariantMissing(outcome.productId)
    case 'not_for_sale':
      return new NotFoundError('product for sale', outcome.productId)
  }
}

/** The queue's refusals as answers to a caller; anything else as it is. */
export function translated(error: unknown): unknown {
  const again = 'send the same request again with the same Idempotency-Key'
  if (error instanceof QueueFullError) {
    return new UnavailableError(`Too many orders at once; ${again}`, { code: 'busy', retryAfterSeconds: 1 })
  }
  if (error instanceof QueueDeadlineError) {
    const message = `The order could not be confirmed in time; ${again} to learn whether it was placed`
    return new UnavailableError(message, { code: 'database_unavailable', retryAfterSeconds: 2, cause: error.cause })
  }
  if (error instanceof QueueClosedError) {
    return new UnavailableError(`This server is stopping; ${again}`, { code: 'stopping', retryAfterSeconds: 1 })
  }
  return error
}
