import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { idShape } from '../ids.ts'
import type { OrderRow } from '../orders/schema.ts'
import { orderShape, soldOf } from '../orders/schema.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { lineOfText } from '../text.ts'
import { addressShape, type Address } from '../address.ts'
import { trackingUrl } from './carriers.ts'
import type { Claim } from './claim.ts'
import type { Fulfilment, Party } from './fulfilment.ts'
import { mayDo, mayDoes } from './may-do.ts'
import { claimKinds, claimStates, confirmsAt, fulfilmentStates, isLate } from './order-life.ts'

/** Request and answer shapes of addresses, fulfilments and claims, and how they are presented. */
const ordersAskedMax = 100

export const addressParams = z.object({ id: idShape })
export const orderParams = z.object({ id: idShape })
export const claimParams = z.object({ id: idShape })

export const newAddressShape = addressShape
  .safeExtend({ isDefault: z.boolean().default(false) })
  .meta({ id: 'NewAddress' })
export const bookAddressShape = z
  .object({ id: z.string(), ...addressShape.shape, isDefault: z.boolean() })
  .meta({ id: 'BookAddress' })
export const addressBookShape = z.object({ items: z.array(bookAddressShape) })

/** Where an order goes: an address of the buyer's book, or one that is given for it alone. */
export const orderAddressShape = z
  .union([z.strictObject({ addressId: idShape.describe('of the address book') }), addressShape])
  .meta({ id: 'OrderAddress' })

const claimShape = z
  .object({
    id: z.string(),
    orderId: z.string(),
    kind: z.enum(claimKinds),
    state: z.enum(claimStates),
    items: z.array(
      z.object({
        productId: z.string(),
        variantId: z.string().describe('of a product without options its own id'),
        quantity: z.number().int(),
      }),
    ),
    reason: z.string(),
    answer: z.string().describe('of a seller who rejected it'),
    restock: z.boolean().nullable(),
    refund: z
      .object({
        state: z.enum(['REQUESTED', 'DONE', 'FAILED']),
        amount: moneyShape.nullable().describe('null: all that was left'),
        shipping: moneyShape.describe('what of the amount is for sending the order'),
        reason: z.string().nullable().describe('why it failed'),
      })
      .nullable(),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Claim' })
export const claimAnswerShape = claimShape

export const fulfilmentShape = z
  .object({
    orderId: z.string(),
    state: z.enum(fulfilmentStates).nullable().describe('null: it is not paid for'),
    requiresShipping: z.boolean(),
    address: addressShape.nullable(),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    trackingUrl: z.string().nullable(),
    paidAt: z.iso.datetime().nullable(),
    shippedAt: z.iso.datetime().nullable(),
    deliveredAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    confirmsAt: z.iso.datetime().nullable().describe('when it counts as confirmed; until then it may be sent back'),
    late: z.boolean().describe('it should have been on its way by now'),
    claims: z.array(claimShape),
    mayDo: z.array(z.enum(mayDoes)).describe('what the caller may do to it now'),
  })
  .meta({ id: 'Fulfilment' })
export type FulfilmentView = z.infer<typeof fulfilmentShape>

export const fulfilmentsShape = z.object({ items: z.array(fulfilmentShape) })
export const fulfilmentsQuery = z.object({
  orders: z
    .string()
    .regex(/^[0-9a-z_-]{1,32}(,[0-9a-z_-]{1,32})*$/, 'must be ids of orders, separated by commas')
    .max(33 * ordersAskedMax)
    .transform((text) => [...new Set(text.split(','))])
    .refine((ids) => ids.length <= ordersAskedMax, `must be at most ${ordersAskedMax}`)
    .describe('ids of own orders, separated by commas'),
})

export const newClaimShape = z
  .strictObject({
    kind: z.enum(claimKinds),
    items: z
      .array(
        z.strictObject({
          productId: idShape,
          variantId: idShape.optional().describe('required of a product with options: as the order’s item has it'),
          quantity: z.number().int().min(1).max(1_000),
        }),
      )
      .min(1)
      .max(10)
      .optional()
      .describe('of a return: which units'),
    reason: lineOfText(1, 200),
  })
  .superRefine(({ kind, items }, ctx) => {
    const refuse = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    if (kind === 'RETURN' && items === undefined) refuse(['items'], 'Required of a return')
    if (kind === 'CANCEL' && items !== undefined) refuse(['items'], 'A cancellation is of the whole order')
    for (const [index, item] of (items ?? []).entries()) {
      const first = items?.findIndex((other) => soldOf(other) === soldOf(item))
      if (first !== index) refuse(['items', index, 'productId'], `The same product as items.${first}: add them up`)
    }
  })
  .meta({ id: 'NewClaim' })

export const cancellationShape = z
  .strictObject({
    reason: lineOfText(1, 200),
    restock: z.boolean().default(true).describe('whether the units go on sale again'),
  })
  .meta({ id: 'Cancellation' })
export const completionShape = z
  .strictObject({
    restock: z.boolean().describe('whether the units go on sale again'),
    refundShipping: z
      .boolean()
      .optional()
      .describe('whether what sending the order cost goes back, too; left out: with the last of its units'),
  })
  .meta({ id: 'ClaimCompletion' })
export const rejectionShape = z
  .strictObject({ answer: lineOfText(1, 200).describe('why; its buyer reads it') })
  .meta({ id: 'ClaimRejection' })

export const salesQuery = z.object({
  state: z.enum(fulfilmentStates).optional(),
  late: z.enum(['true']).optional().describe('those that should be on their way by now'),
  claims: z.enum(['open']).optional().describe('those with a claim that waits for the seller'),
  q: lineOfText(1, 50)
    .optional()
    .describe('the beginning of an order’s number, a tracking number, or a part of the recipient’s name'),
  ...pageQuery,
})

export const saleShape = z
  .object({ order: orderShape, buyerName: z.string(), fulfilment: fulfilmentShape })
  .meta({ id: 'Sale' })
export type SaleView = z.infer<typeof saleShape>
export const salePageShape = pageOf(saleShape)
export const saleDetailShape = saleShape
  .extend({
    history: z.array(
      z.object({
        at: z.iso.datetime(),
        by: z.enum(['buyer', 'seller', 'admin', 'system']),
        action: z.string(),
        details: z.string(),
      }),
    ),
  })
  .meta({ id: 'SaleDetail' })

export const shipmentTextShape = z
  .strictObject({
    text: z.string().min(1).max(50_000).describe('lines of `order number, carrier, tracking number`, at most 500'),
  })
  .meta({ id: 'ShipmentText' })
export const shippedLinesShape = z
  .object({
    items: z.array(
      z.object({
        line: z.number().int().min(1),
        orderId: z.string().nullable(),
        code: z
          .string()
          .nullable()
          .describe(
            'null: it is on its way; else `malformed`, `repeated`, `not_found`, `order_state`, `address_missing`, `claim_open`',
          ),
      }),
    ),
  })
  .meta({ id: 'ShippedLines' })

export const fileParams = z.object({ kind: z.enum(['labels', 'pack-list']) })
export const fileQuery = z.object({ state: z.enum(['PAID', 'PREPARING']).default('PREPARING') })

/** All that is known of an order's way. */
export interface WayOfOrder {
  order: OrderRow
  requiresShipping: boolean
  fulfilment: Fulfilment | undefined
  address: Address | undefined
  claims: readonly Claim[]
}

/** An order's way as one of its parties sees it. */
export function presentFulfilment(way: WayOfOrder, party: Party, now: Date): FulfilmentView {
  const { order, requiresShipping, fulfilment, address = null, claims } = way
  const time = (at: Date | null | undefined) => at?.toISOString() ?? null
  const { carrier = null, trackingNumber = null } = fulfilment ?? {}
  return {
    orderId: order.id,
    state: fulfilment?.state ?? null,
    requiresShipping,
    address,
    carrier,
    trackingNumber,
    trackingUrl: trackingUrl(carrier, trackingNumber),
    paidAt: time(fulfilment?.paidAt),
    shippedAt: time(fulfilment?.shippedAt),
    deliveredAt: time(fulfilment?.deliveredAt),
    endedAt: time(fulfilment?.endedAt),
    confirmsAt: fulfilment?.state === 'DELIVERED' ? time(confirmsAt(fulfilment.deliveredAt)) : null,
    late: fulfilment !== undefined && isLate(fulfilment, now),
    claims: claims.map((claim) => presentClaim(claim, order.currency)),
    mayDo: mayDo({ state: order.state, requiresShipping, fulfilment, claims }, party, now),
  }
}

/** A claim as both parties see it. */
export function presentClaim(claim: Claim, currency: string): z.infer<typeof claimShape> {
  const { sellerId: _seller, buyerId: _buyer, refund, createdAt, endedAt, items, ...rest } = claim
  return {
    ...rest,
    items: items.map(({ productId, variantOf, quantity }) => ({
      productId: variantOf ?? productId,
      variantId: productId,
      quantity,
    })),
    refund: refund && {
      ...refund,
      amount: refund.amount === null ? null : { amount: refund.amount, currency },
      shipping: { amount: refund.shipping, currency },
    },
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }
}
