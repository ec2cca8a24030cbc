import { z } from 'zod'
import { liveEventShape } from '@mytaek1/contracts/live-events.ts'
import { idShape } from '../ids.ts'
import { lineOfText } from '../text.ts'

export const newChatShape = z.strictObject({ text: lineOfText(1, 200) }).meta({ id: 'NewChat' })
export const chatAcceptedShape = z.object({ id: z.string() }).meta({ id: 'ChatAccepted' })
export const chatParams = z.object({ id: idShape, chatId: z.string().max(40) })

/** One event on the wire: its `data` is a line of JSON, and `id` is there when Last-Event-ID may go on after it. */
export const streamedEventShape = z
  .union(
    liveEventShape.options.map(({ shape: { type, data } }) => {
      const { $schema: _, ...contentSchema } = z.toJSONSchema(data)
      return z.object({
        id: z.string().optional(),
        event: type,
        data: z.string().meta({ contentMediaType: 'application/json', contentSchema }),
      })
    }),
  )
  .meta({ id: 'LiveEvent' })
