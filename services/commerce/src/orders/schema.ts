import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import type { InternalOrder } from '@mytaek1/contracts/service-events.ts'
import type { ReservedOrder } from '../inventory/order-request.ts'
import { pageOf } from '../paging.ts'

const quantityMax = 1_000
const id = z.string().regex(/^[\w-]{1,32}$/)

export const orderStateShape = z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED'])
export type OrderState = z.infer<typeof orderStateShape>

export const orderParams = z.object({ id })

/** Lower-case header names. Missing or malformed is answered by its own code, so the shape lets both through. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('required; the same key never makes a second order'),
})

export const newOrderShape = z
  .strictObject({ productId: id, quantity: z.number().int().min(1).max(quantityMax), broadcastId: id.optional() })
  .meta({ id: 'NewOrder' })

export const orderShape = z
  .object({
    id: z.string(),
    productId: z.string(),
    broadcastId: z.string().nullable(),
    quantity: z.number().int(),
    state: orderStateShape,
    total: moneyShape,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable().describe('until when a reservation is held; null once paid for or released'),
  })
  .meta({ id: 'Order' })
export type OrderView = z.infer<typeof orderShape>

export const orderPageShape = pageOf(orderShape)

/** An order with its owner. */
export interface OrderRow extends ReservedOrder {
  buyerId: string
  claimed: boolean
}

/** An order as its buyer sees it. */
export function presentOrder(order: ReservedOrder & { claimed?: boolean }): OrderView {
  const { id, productId, broadcastId, quantity, state } = order
  return {
    id,
    productId,
    broadcastId,
    quantity,
    state,
    total: { amount: order.totalAmount, currency: order.currency },
    createdAt: new Date(order.createdAt).toISOString(),
    expiresAt: expiresAt(order),
  }
}

/** An order as the payment service reads it. */
export function presentInternalOrder(order: OrderRow): InternalOrder {
  const { id, buyerId, state, totalAmount: amount, currency } = order
  return { id, buyerId, state, total: { amount, currency }, expiresAt: expiresAt(order) }
}

const expiresAt = (order: ReservedOrder & { claimed?: boolean }) =>
  order.state === 'RESERVED' && !order.claimed ? new Date(order.expiresAt).toISOString() : null
