import { z } from 'zod'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import type { ChatDeps } from './chat-deps.ts'
import {
  acceptInvite,
  dropInvite,
  inviteModerator,
  listReceivedInvites,
  listSentInvites,
  type ReceivedInvite,
  type SentInvite,
} from './moderator-invites.ts'
import {
  dismissModerator,
  listModerated,
  listModerators,
  nameModerator,
  type ModeratedSeller,
  type Moderator,
} from './moderators.ts'
import { moderatedShape, moderatorsShape, newInviteShape } from './schema.ts'

const seller = ['seller', 'admin'] as const
const params = z.object({ id: idShape })
const refused = {
  400: { description: '`invalid_request`' },
  401: { description: '`unauthenticated`: no valid access token' },
  429: { description: '`rate_limited`' },
}
const notFound = { 404: { description: '`not_found`' } }
const tooMany = { 409: { description: '`too_many_moderators`' } }

/** Who keeps a seller's chats in order beside the seller: named, asked, dismissed; and the other side of each. */
export function moderatorRoutes({ db, clock, limits }: ChatDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/chat-moderators',
      summary: 'Who keeps the caller’s chats in order, and who is asked to, the last first',
      access: seller,
      responses: { 200: { description: 'All of them', schema: moderatorsShape }, 401: refused[401] },
      handle: async ({ caller }) => {
        const items = (await listModerators(db, caller.sub)).map(presentModerator)
        const invites = (await listSentInvites({ db, now: clock() }, caller.sub)).map(presentInvite)
        return { status: 200, body: { items, invites }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'put',
      path: '/chat-moderators/{id}',
      summary: 'Have an account delete messages, mute, freeze and slow in the caller’s chats, and nothing else',
      access: seller,
      params,
      responses: { 204: { description: 'From now on' }, ...notFound, ...tooMany, ...refused },
      handle: async ({ params: { id }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await nameModerator({ db, now: clock() }, { sellerId: caller.sub, accountId: id })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/chat-moderators/{id}',
      summary: 'Dismiss a moderator: it may do nothing more from this answer on',
      access: seller,
      params,
      responses: { 204: { description: 'It is none' }, ...refused },
      handle: async ({ params: { id }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await dismissModerator(db, { sellerId: caller.sub, accountId: id })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/chat-moderator-invites',
      summary: 'Ask whoever reads an e-mail address; the answer is the same whether it has an account',
      access: seller,
      body: newInviteShape,
      responses: { 204: { description: 'It waits for two weeks' }, ...tooMany, ...refused },
      handle: async ({ body, caller }) => {
        await limits.moderate.consume(caller.sub)
        await inviteModerator({ db, now: clock() }, { sellerId: caller.sub, email: body.email })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/chat-moderator-invites/{id}',
      summary: 'Withdraw an invite, or say no to one',
      access: 'account',
      params,
      responses: { 204: { description: 'It is gone' }, ...notFound, ...refused },
      handle: async ({ params: { id }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await dropInvite(db, { id, accountId: caller.sub })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/chat-moderator-invites/{id}/acceptance',
      summary: 'Say yes to an invite to the caller’s confirmed e-mail address',
      access: 'account',
      params,
      responses: { 204: { description: 'A moderator from now on' }, ...notFound, ...refused },
      handle: async ({ params: { id }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await acceptInvite({ db, now: clock() }, { id, accountId: caller.sub })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/chat-moderating',
      summary: 'Sellers whose chats the caller keeps, and who asks, the last first',
      access: 'account',
      responses: { 200: { description: 'At most 100 of each', schema: moderatedShape }, 401: refused[401] },
      handle: async ({ caller }) => {
        const items = (await listModerated(db, caller.sub)).map(presentModerated)
        const invites = (await listReceivedInvites({ db, now: clock() }, caller.sub)).map(presentInvite)
        return { status: 200, body: { items, invites }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/chat-moderating/{id}',
      summary: 'Keep a seller’s chats no more',
      access: 'account',
      params,
      responses: { 204: { description: 'No moderator of theirs' }, ...refused },
      handle: async ({ params: { id }, caller }) => {
        await limits.moderate.consume(caller.sub)
        await dismissModerator(db, { sellerId: id, accountId: caller.sub })
        return { status: 204 }
      },
    }),
  ]
}

const presentModerator = ({ namedAt, ...rest }: Moderator) => ({ ...rest, namedAt: namedAt.toISOString() })
const presentModerated = ({ namedAt, ...rest }: ModeratedSeller) => ({ ...rest, namedAt: namedAt.toISOString() })
const presentInvite = <I extends SentInvite | ReceivedInvite>({ invitedAt, ...rest }: I) => ({
  ...rest,
  invitedAt: invitedAt.toISOString(),
})
