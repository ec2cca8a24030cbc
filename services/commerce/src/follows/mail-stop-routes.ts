import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { StopTokens } from '../mail/stop-tokens.ts'
import { stopMails } from './follow.ts'
import { mailStopParams, mailStopShape, oneClickShape } from './schema.ts'

/** The link is none that a mail had. */
export class StopLinkError extends AppError {
  readonly kind = 'gone'
  readonly code = 'link_ended'
  constructor() {
    super('This link is none that a mail of ours had')
  }
}

/** What these endpoints need. */
export interface MailStopDeps {
  db: Knex
  stopTokens: StopTokens
  limits: { stop: RateLimit; oneClick: RateLimit }
}

const stopped = {
  204: { description: 'No more of them, however often it is asked' },
  400: { description: '`invalid_request`' },
  410: { description: '`link_ended`' },
  429: { description: '`rate_limited`' },
}

/** How mails of shows are stopped by who reads one, without a session: on a page of ours, or in the mail program. */
export function mailStopRoutes({ db, stopTokens, limits }: MailStopDeps): Endpoint[] {
  const read = (token: string) => {
    const of = stopTokens.read(token)
    if (of === undefined) throw new StopLinkError()
    return of
  }
  return [
    endpoint({
      method: 'post',
      path: '/mail-stops',
      summary: 'Want no more mails of a seller’s shows, by the link of such a mail; needs no session',
      access: 'public',
      body: mailStopShape,
      responses: stopped,
      handle: async ({ body }, ctx) => {
        await limits.stop.consume(ctx.ip)
        await stopMails(db, read(body.token))
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/mail-stops/{token}',
      summary: 'The same by one click in a mail program, which sends this form (RFC 8058) and no cookie',
      access: 'public',
      params: mailStopParams,
      body: oneClickShape,
      bodyIsForm: true,
      bodyLimitBytes: 4_096,
      responses: stopped,
      handle: async ({ params }) => {
        const of = read(params.token)
        // not by address: the clicks of all who read mail at one provider come from its few servers
        await limits.oneClick.consume(of.followerId)
        await stopMails(db, of)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/mail-stops/{token}',
      summary:
        'To the page that asks whether to stop them: programs follow links by themselves, so this changes nothing',
      access: 'public',
      params: mailStopParams,
      responses: { 303: { description: 'The page' } },
      handle: ({ params }) => ({
        status: 303,
        headers: {
          location: `/account/mail-stop#${params.token}`,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        },
      }),
    }),
  ]
}
