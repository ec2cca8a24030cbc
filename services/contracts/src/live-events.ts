/** What viewers of a broadcast are told, as server-sent events: `event:` is the `type`, `data:` is `data` as JSON. */
import { z } from 'zod'
import { moneyShape } from './money.ts'

/** Units left after a commit; a screen keeps the highest `version` it has seen, so stock never goes back in time. */
export const stockEventShape = z.object({
  type: z.literal('stock'),
  data: z.object({ productId: z.string(), stock: z.number().int().min(0), version: z.number().int().min(0) }),
})
/** The same of a variant; its product's `stock` is told, too, which is that of all its variants together. */
export const variantStockEventShape = z.object({
  type: z.literal('variant_stock'),
  data: z.object({
    productId: z.string(),
    variantId: z.string(),
    stock: z.number().int().min(0),
    version: z.number().int().min(0),
  }),
})
/** What a product costs from now on; a screen keeps the highest `revision` it has seen of a product. */
export const priceEventShape = z.object({
  type: z.literal('price'),
  data: z.object({ productId: z.string(), price: moneyShape, revision: z.number().int().min(1) }),
})
/**
 * A timed deal of a product: each unit costs `off` less than usual, of whichever variant, until `endsAt` by the server's clock, as
 * long as units of it are left. Who has ended one early has brought `endsAt` forward.
 */
export const dealShape = z
  .object({
    id: z.string(), // a later deal of the product has a greater one
    productId: z.string(),
    off: moneyShape,
    units: z.number().int().min(1),
    remaining: z.number().int().min(0), // a released order gives its units back
    unitsPerBuyer: z.number().int().min(1).nullable(), // null: as many as are left
    startsAt: z.string(),
    endsAt: z.string(),
    revision: z.number().int().min(1),
  })
  .meta({ id: 'Deal' })
export type Deal = z.infer<typeof dealShape>
/** A deal started, has less or more units left, or was ended; a screen keeps the highest `revision` of the latest it has seen. */
export const dealEventShape = z.object({ type: z.literal('deal'), data: dealShape })
/** The products the seller shows now, in order; `productId` is the first, null takes the pins away. */
export const pinEventShape = z.object({
  type: z.literal('pin'),
  data: z.object({
    productId: z.string().nullable(),
    productIds: z.array(z.string()).optional(), // absent from a process that knows one pin
    at: z.string(),
  }),
})
/** What viewers are shown of a show's products, in order; a screen keeps the highest `revision` it has seen. */
export const trayEventShape = z.object({
  type: z.literal('tray'),
  data: z.object({ revision: z.number().int().min(0), productIds: z.array(z.string()) }),
})
/** Who says something: names are anybody's, so what somebody is in this broadcast is told beside the name. */
const chatAuthorShape = z.object({ id: z.string(), role: z.enum(['host', 'staff', 'moderator', 'viewer']) })
export type ChatAuthor = z.infer<typeof chatAuthorShape>
/** One message; ids grow with time. */
export const chatMessageShape = z.object({
  id: z.string(),
  displayName: z.string(),
  text: z.string(),
  at: z.string(),
  author: chatAuthorShape.optional(), // absent from messages that were kept before it was there
  // a screen shows what was said if it has it: a quoted text would outlive its removal
  replyTo: z.object({ id: z.string(), displayName: z.string() }).optional(),
})
export type ChatMessage = z.infer<typeof chatMessageShape>
export const chatEventShape = z.object({
  type: z.literal('chat'),
  data: chatMessageShape,
})
/** A message that the seller took away; screens remove it, and with `authorId` all that this account said. */
export const chatHiddenEventShape = z.object({
  type: z.literal('chat_hidden'),
  data: z.object({ id: z.string(), authorId: z.string().optional() }),
})
/** What stands over the chat: a message of it, or an announcement of the seller (`chatId` is null). */
export const chatNoticeShape = z.object({
  chatId: z.string().nullable(),
  displayName: z.string(),
  role: chatAuthorShape.shape.role.exclude(['moderator']), // kept in a row that a process of the version before reads
  text: z.string(),
  at: z.string(),
})
export type ChatNotice = z.infer<typeof chatNoticeShape>
/** How the chat is set; a screen keeps the highest `revision` it has seen. */
export const chatSettingsEventShape = z.object({
  type: z.literal('chat_settings'),
  data: z.object({
    revision: z.number().int().min(0),
    frozen: z.boolean(), // only those who keep the chat may write
    slowSeconds: z.number().int().min(0), // between two messages of one viewer; 0: none
    notice: chatNoticeShape.nullable(),
  }),
})
export type ChatSettings = z.infer<typeof chatSettingsEventShape>['data']
/** All hearts of the show so far; told once a second at most, and a screen keeps the highest. */
export const heartsEventShape = z.object({
  type: z.literal('hearts'),
  data: z.object({ hearts: z.number().int().min(0) }),
})
export const viewersEventShape = z.object({
  type: z.literal('viewers'),
  data: z.object({ viewers: z.number().int().min(0) }),
})
export const stateEventShape = z.object({
  type: z.literal('state'),
  data: z.object({ state: z.enum(['scheduled', 'open', 'live', 'interrupted', 'ended']) }),
})

export const liveEventShape = z.discriminatedUnion('type', [
  stockEventShape,
  variantStockEventShape,
  priceEventShape,
  dealEventShape,
  pinEventShape,
  trayEventShape,
  chatEventShape,
  chatHiddenEventShape,
  chatSettingsEventShape,
  heartsEventShape,
  viewersEventShape,
  stateEventShape,
])
export type LiveEvent = z.infer<typeof liveEventShape>

/**
 * What happened to an order's money, told to its buyer alone, on the same stream: the order as it is now, and of the payment
 * what it was. `reason` is a decline's, `refunded` what went back this time.
 */
export const orderEventShape = z.object({
  type: z.literal('order'),
  data: z.object({
    orderId: z.string(),
    state: z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED', 'PARTIALLY_REFUNDED']),
    payment: z.object({
      id: z.string(),
      outcome: z.enum(['paid', 'failed', 'refunded']),
      reason: z.string().nullable(),
      refunded: moneyShape.nullable(),
    }),
  }),
})
export type OrderEvent = z.infer<typeof orderEventShape>

/** How far an order is that was paid for: from the seller's bench to the buyer's door, and back. */
export const fulfilmentStateShape = z.enum([
  'PAID',
  'PREPARING',
  'SHIPPED',
  'DELIVERED',
  'CONFIRMED',
  'CANCELED',
  'RETURNED',
])

/**
 * Something about an order's way changed, or about a claim on it: told to its buyer and to its seller, who read the rest.
 * An address is never in it. A seller of many orders that change at once is told of one of them.
 */
export const fulfilmentEventShape = z.object({
  type: z.literal('fulfilment'),
  data: z.object({ orderId: z.string(), state: fulfilmentStateShape, as: z.enum(['buyer', 'seller']) }),
})
export type FulfilmentEvent = z.infer<typeof fulfilmentEventShape>

/**
 * A unit is kept for somebody who waited for it, and who may order it until then as anything else; told to them alone. Of a
 * product without options `variantId` is the product's own id.
 */
export const offerEventShape = z.object({
  type: z.literal('offer'),
  data: z.object({ productId: z.string(), variantId: z.string(), offeredUntil: z.string() }),
})
export type OfferEvent = z.infer<typeof offerEventShape>

/** Redis hash that edge Pods refresh with the viewers of all of them together, in the field `all`; it expires in 10 s. */
export const viewersKey = (broadcastId: string) => `viewers:${broadcastId}`
