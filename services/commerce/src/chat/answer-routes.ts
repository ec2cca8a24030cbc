import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { changeAnswers, readAnswers } from './canned-answers.ts'
import type { ChatDeps } from './chat-deps.ts'
import { cannedAnswersShape } from './schema.ts'

const access = ['seller', 'admin'] as const
const unauthenticated = { 401: { description: '`unauthenticated`: no valid access token' } }

/** The answers that a seller keeps ready. */
export function answerRoutes({ db, clock, limits }: ChatDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/chat-answers',
      summary: 'Answers that the caller keeps ready for the chat',
      access,
      responses: { 200: { description: 'All of them, in order', schema: cannedAnswersShape }, ...unauthenticated },
      handle: async ({ caller }) => ({ status: 200, body: await readAnswers(db, caller.sub) }),
    }),
    endpoint({
      method: 'put',
      path: '/chat-answers',
      summary: 'Set all of them, at the revision that was read',
      access,
      body: cannedAnswersShape,
      responses: {
        200: { description: 'As they are now', schema: cannedAnswersShape },
        400: { description: '`invalid_request`' },
        409: { description: '`answers_changed`: by another window meanwhile' },
        429: { description: '`rate_limited`' },
        ...unauthenticated,
      },
      handle: async ({ body, caller }) => {
        await limits.moderate.consume(caller.sub)
        return { status: 200, body: await changeAnswers({ db, now: clock() }, caller.sub, body) }
      },
    }),
  ]
}
