import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { broadcastIdParams } from '../broadcasts/schema.ts'
import { answerRoutes } from './answer-routes.ts'
import type { ChatDeps } from './chat-deps.ts'
import { moderatorRoutes } from './moderator-routes.ts'
import { moderationRoutes } from './moderation-routes.ts'
import { postChat } from './post-chat.ts'
import { reportMessage } from './reports.ts'
import { reportRoutes } from './report-routes.ts'
import { chatParams, chatShape, newChatShape, newReportShape } from './schema.ts'

/** The chat of a broadcast: what viewers do, and what those do who keep it in order. */
export function chatRoutes(deps: ChatDeps): Endpoint[] {
  const { db, redis, words, clock, limits } = deps
  return [
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/chat',
      summary: 'Say something to everybody who watches',
      access: 'account',
      params: broadcastIdParams,
      body: newChatShape,
      bodyLimitBytes: 4_096,
      responses: {
        202: { description: 'It is on its way', schema: chatShape },
        400: { description: '`invalid_request`' },
        401: { description: '`unauthenticated`: no valid access token' },
        403: { description: '`chat_muted`, `chat_banned`: by the seller; Retry-After where it is for a time' },
        404: { description: '`not_found`' },
        409: { description: '`broadcast_state`: it has ended; `chat_frozen`' },
        422: { description: '`chat_word`: a word that the seller does not want; `chat_link`: links are the staff’s' },
        429: { description: '`rate_limited`; `slow_mode`: Retry-After says for how long' },
        503: { description: '`chat_unavailable`' },
      },
      handle: async ({ params, body, caller }) => {
        await limits.chat.consume(caller.sub)
        const count = (broadcastId: string) => limits.chatInBroadcast.consume(broadcastId)
        const said = await postChat({ db, redis, words, count, now: clock() }, caller, params.id, body)
        return { status: 202, body: said }
      },
    }),
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/chat/{chatId}/reports',
      summary: 'Report a message to the seller and the platform; once an account, whatever is repeated',
      access: 'account',
      params: chatParams,
      body: newReportShape,
      responses: {
        204: { description: 'Reported' },
        400: { description: '`invalid_request`' },
        401: { description: '`unauthenticated`: no valid access token' },
        404: { description: '`not_found`: it is not there any more' },
        429: { description: '`rate_limited`' },
        503: { description: '`chat_unavailable`' },
      },
      handle: async ({ params, body, caller }) => {
        await limits.report.consume(caller.sub)
        const message = { broadcastId: params.id, chatId: params.chatId, reason: body.reason }
        await reportMessage({ db, redis, now: clock() }, caller, message)
        return { status: 204 }
      },
    }),
    ...moderationRoutes(deps),
    ...moderatorRoutes(deps),
    ...answerRoutes(deps),
    ...reportRoutes(deps),
  ]
}
