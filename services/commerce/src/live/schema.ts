import { z } from 'zod'
import { lineOfText } from '../text.ts'

export const newChatShape = z.strictObject({ text: lineOfText(1, 200) }).meta({ id: 'NewChat' })
export const chatAcceptedShape = z.object({ id: z.string() }).meta({ id: 'ChatAccepted' })
export const chatParams = z.object({ id: z.string().max(32), chatId: z.string().max(40) })
