import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import type { InternalOrder } from '@mytaek1/contracts/service-events.ts'
import type { ProductRevision, RevisionKey } from '../catalog/product-revisions.ts'
import { couponNamedShape } from '../catalog/coupons.ts'
import { imageUrls } from '../catalog/renditions.ts'
import { imageUrlsShape } from '../catalog/schema.ts'
import type { OrderItem, ReservedOrder } from '../inventory/order-request.ts'
import { destinationShape } from '../address.ts'
import { pageOf } from '../paging.ts'

const quantityMax = 1_000
const productsMax = 10
const id = z.string().regex(/^[\w-]{1,32}$/)

export const orderStateShape = z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED'])
export type OrderState = z.infer<typeof orderStateShape>

/** As it is shown: of a paid order whose money went back in part that is said, too. */
const shownStateShape = z.enum([...orderStateShape.options, 'PARTIALLY_REFUNDED'])

export const orderParams = z.object({ id })

export const orderBuyerShape = z.object({ id: z.string(), displayName: z.string() }).meta({ id: 'OrderBuyer' })

/** Lower-case header names. Missing or malformed is answered by its own code, so the shape lets both through. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('required; the same key never makes a second order'),
})

const quantity = z.number().int().min(1).max(quantityMax)

const variantId = id.optional().describe('which variant; required of a product with options that has several')

/** One product, by `productId` and `quantity`, or up to ten by `items`; an order of one item is the same either way. */
export const newOrderShape = z
  .strictObject({
    productId: id.optional(),
    variantId,
    quantity: quantity.optional(),
    items: z
      .array(z.strictObject({ productId: id, variantId, quantity }))
      .min(1)
      .max(productsMax)
      .optional()
      .describe('different products of one seller, in one currency: all of it is reserved, or nothing'),
    broadcastId: id.optional().describe('the broadcast that shows the products'),
    expectedTotal: moneyShape
      .optional()
      .describe(
        'what the buyer agreed to pay, sending included: with another total, as when a timed deal is over or used up, nothing is reserved (409 `price_changed`)',
      ),
    address: destinationShape
      .optional()
      .describe('where it goes; without one sending costs what it does to a usual area, see PUT /orders/{id}/address'),
    coupon: couponNamedShape.optional().describe('what is to be taken off the goods; `expectedTotal` is without that'),
  })
  .superRefine(({ productId, variantId, quantity, items }, ctx) => {
    const refuse = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    if (items === undefined) {
      if (productId === undefined) refuse(['productId'], 'Required, unless there are items')
      if (quantity === undefined) refuse(['quantity'], 'Required, unless there are items')
      return
    }
    if (productId !== undefined) refuse(['productId'], 'Either this or items')
    if (variantId !== undefined) refuse(['variantId'], 'Either this or items')
    if (quantity !== undefined) refuse(['quantity'], 'Either this or items')
    for (const [index, item] of items.entries()) {
      const first = items.findIndex((other) => soldOf(other) === soldOf(item))
      if (first < index) refuse(['items', index, 'productId'], `The same product as items.${first}: add them up`)
    }
  })
  .transform(({ productId = '', variantId, quantity = 0, items, broadcastId, expectedTotal, address, coupon }) => ({
    items: items ?? [{ productId, variantId, quantity }],
    broadcastId: broadcastId ?? null,
    expectedTotal,
    destination: address,
    coupon,
  }))
  .meta({ id: 'NewOrder', description: 'Either `productId` and `quantity`, or `items`' })

/** What is ordered of a product: the variant that is named, or itself. */
export const soldOf = ({ productId, variantId }: { productId: string; variantId?: string | undefined }): string =>
  variantId ?? productId

export const orderShape = z
  .object({
    id: z.string(),
    productId: z.string().nullable().describe('null when the order has several products: see `items`'),
    broadcastId: z.string().nullable(),
    quantity: z.number().int().describe('units of all products'),
    items: z.array(
      z.object({
        productId: z.string(),
        variantId: z.string().describe('of a product without options its own id'),
        name: z.string().describe('as it was called when it was ordered'),
        options: z
          .array(z.object({ name: z.string(), value: z.string() }))
          .describe('which variant it was, in words of that time'),
        imageUrls: imageUrlsShape.nullable(),
        quantity: z.number().int(),
        unitPrice: moneyShape,
        dealId: z.string().nullable().describe('the timed deal whose price it is'),
      }),
    ),
    state: shownStateShape,
    total: moneyShape.describe('sending included'),
    shipping: moneyShape.describe('what of the total is for sending it'),
    discount: moneyShape.describe('what a coupon took off the goods: the total is without it'),
    refunded: moneyShape.describe('what went back of it'),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .describe('until when a reservation is held; null while a payment is under way, once paid for and once released'),
    paymentId: z.string().nullable().describe('the payment that is under way or paid for it'),
  })
  .meta({ id: 'Order' })
export type OrderView = z.infer<typeof orderShape>

export const orderPageShape = pageOf(orderShape)

/** An order with its owner. */
export interface OrderRow extends ReservedOrder {
  buyerId: string
  claimed: boolean
  /** The payment that claims or paid it. */
  paymentId: string | null
  refundedAmount: number
}

/** The state that is shown of an order. */
export const shownState = (state: OrderState, refundedAmount: number): OrderView['state'] =>
  state === 'PAID' && refundedAmount > 0 ? 'PARTIALLY_REFUNDED' : state

/** An order as its buyer sees it; `revisionOf` tells what its products were. */
export function presentOrder(
  order: ReservedOrder & Partial<Pick<OrderRow, 'claimed' | 'paymentId' | 'refundedAmount'>>,
  revisionOf: (key: RevisionKey) => ProductRevision | undefined,
): OrderView {
  const { id, broadcastId, quantity, currency, refundedAmount = 0 } = order
  const items = itemsOf(order).map(({ productId: sold, quantity, unitAmount, productRevision, dealId = null }) => {
    const revision = revisionOf({ productId: sold, revision: productRevision })
    return {
      productId: revision?.variantOf ?? sold,
      variantId: sold,
      name: revision?.name ?? '',
      options: [...(revision?.options ?? [])],
      imageUrls: imageUrls(revision?.imageId ?? null),
      quantity,
      unitPrice: { amount: unitAmount, currency },
      dealId,
    }
  })
  return {
    id,
    productId: order.productId === null ? null : (items[0]?.productId ?? null),
    broadcastId,
    quantity,
    items,
    state: shownState(order.state, refundedAmount),
    total: { amount: order.totalAmount, currency },
    shipping: { amount: order.shipping?.amount ?? 0, currency },
    discount: { amount: order.coupon?.discountAmount ?? 0, currency },
    refunded: { amount: refundedAmount, currency },
    createdAt: new Date(order.createdAt).toISOString(),
    expiresAt: expiresAt(order),
    paymentId: order.paymentId ?? null,
  }
}

/** An order as the payment service reads it. */
export function presentInternalOrder(order: OrderRow, sellerId: string): InternalOrder {
  const { id, buyerId, broadcastId, state, totalAmount: amount, currency } = order
  const live = broadcastId !== null
  return { id, buyerId, sellerId, state, total: { amount, currency }, expiresAt: expiresAt(order), live }
}

/** What an order's goods cost, without sending them and before its coupon. */
export const goodsAmountOf = ({ totalAmount, shipping, coupon }: ReservedOrder): number =>
  totalAmount - (shipping?.amount ?? 0) + (coupon?.discountAmount ?? 0)

/** The products of an order; the row of a single one has no price of its own, only the total. */
export function itemsOf(order: ReservedOrder): readonly OrderItem[] {
  const { productId, quantity, productRevision, dealId, items = [] } = order
  if (productId === null) return items
  return [{ productId, quantity, unitAmount: goodsAmountOf(order) / quantity, productRevision, dealId }]
}

const expiresAt = (order: ReservedOrder & { claimed?: boolean }) =>
  order.state === 'RESERVED' && !order.claimed ? new Date(order.expiresAt).toISOString() : null
