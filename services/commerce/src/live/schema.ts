import { z } from 'zod'
import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import {
  fulfilmentEventShape,
  liveEventShape,
  offerEventShape,
  orderEventShape,
} from '@mytaek1/contracts/live-events.ts'

/** Hearts of one request: a page gathers those of a second. */
const heartsAtOnce = 10
export const newHeartsShape = z
  .strictObject({ hearts: z.number().int().min(1).max(heartsAtOnce) })
  .meta({ id: 'NewHearts' })
export const heartsShape = z.object({ hearts: z.number().int().min(0) }).meta({ id: 'Hearts' })

const onTheWire = (type: z.ZodLiteral<string>, data: z.ZodObject) => {
  const { $schema: _, ...contentSchema } = z.toJSONSchema(data, { metadata: z.registry() }) // whole: a $ref leads nowhere from in here
  return z.object({
    id: z.string().optional(),
    event: type,
    data: z.string().meta({ contentMediaType: 'application/json', contentSchema }),
  })
}

const streamedOrders = [orderEventShape, fulfilmentEventShape, offerEventShape].map(({ shape: { type, data } }) =>
  onTheWire(type, data),
)
const streamedAlive = onTheWire(z.literal(aliveEventType), z.object({})) // what a quiet connection says

/** News of orders on the wire: of their money to their buyer, of their way to both; and of what is kept for who waited. */
export const streamedOrderShape = z.union([...streamedOrders, streamedAlive])

/** One event on the wire: its `data` is a line of JSON, and `id` is there when Last-Event-ID may go on after it. */
export const streamedEventShape = z
  .union([
    ...liveEventShape.options.map(({ shape: { type, data } }) => onTheWire(type, data)),
    streamedAlive,
    ...streamedOrders, // of the signed-in viewer's own orders and offers, and of what one sells
  ])
  .meta({ id: 'LiveEvent' })
