import type { Knex } from 'knex'
import { z } from 'zod'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { StopTokens } from '../mail/stop-tokens.ts'
import { pageQuery } from '../paging.ts'
import { keyOf, shared, type SharedReads } from '../shared-reads.ts'
import { findFollow, follow, followersOf, listFollows, unfollow } from './follow.ts'
import { mailStopRoutes } from './mail-stop-routes.ts'
import { followPageShape, followersShape, followShape, newFollowShape, presentFollow, sellerParams } from './schema.ts'

/** What the endpoints of follows need. */
export interface FollowsDeps {
  db: Knex
  reads: SharedReads
  stopTokens: StopTokens
  clock: () => Date
  limits: { follow: RateLimit; stop: RateLimit; oneClick: RateLimit }
}

const unauthenticated = { 401: { description: '`unauthenticated`: no valid access token' } }

/** Who follows whom, and how mails of shows are stopped. */
export function followsRoutes({ db, reads, stopTokens, clock, limits }: FollowsDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/follows',
      summary: 'Sellers whom the caller follows, the last first',
      access: 'account',
      query: z.object(pageQuery),
      responses: { 200: { description: 'One page', schema: followPageShape }, ...unauthenticated },
      handle: async ({ query, caller }) => {
        const { items, nextCursor } = await listFollows(db, caller.sub, query)
        return { status: 200, body: { items: items.map(presentFollow), nextCursor } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/follows/{id}',
      summary: 'Whether the caller follows a seller, and how',
      access: 'account',
      params: sellerParams,
      responses: {
        200: { description: 'It does', schema: followShape },
        404: { description: '`not_found`: it does not' },
        ...unauthenticated,
      },
      handle: async ({ params, caller }) => {
        const found = await findFollow(db, { followerId: caller.sub, sellerId: params.id })
        if (found === undefined) throw new NotFoundError('follow', params.id)
        return { status: 200, body: presentFollow(found) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/follows/{id}',
      summary: 'Follow a seller, or change whether mails of shows are wanted',
      access: 'account',
      params: sellerParams,
      body: newFollowShape,
      responses: {
        200: { description: 'It follows', schema: followShape },
        400: { description: '`invalid_request`' },
        404: { description: '`not_found`: no such seller' },
        409: { description: '`too_many_followed`' },
        429: { description: '`rate_limited`' },
        ...unauthenticated,
      },
      handle: async ({ params, body, caller }) => {
        await limits.follow.consume(caller.sub)
        const wanted = { followerId: caller.sub, sellerId: params.id, notify: body.notify }
        return { status: 200, body: presentFollow(await follow({ db, now: clock() }, wanted)) }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/follows/{id}',
      summary: 'Follow a seller no more',
      access: 'account',
      params: sellerParams,
      responses: {
        204: { description: 'It does not follow' },
        429: { description: '`rate_limited`' },
        ...unauthenticated,
      },
      handle: async ({ params, caller }) => {
        await limits.follow.consume(caller.sub)
        await unfollow(db, { followerId: caller.sub, sellerId: params.id })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/accounts/{id}/followers',
      summary: 'How many follow a seller; as it was a second ago',
      access: 'public',
      params: sellerParams,
      responses: { 200: { description: 'The number', schema: followersShape } },
      handle: async ({ params }) => {
        const count = async () => ({ body: { followers: await followersOf(db, params.id) } })
        return shared(await reads.read(keyOf('followers', params), count))
      },
    }),
    ...mailStopRoutes({ db, stopTokens, limits }),
  ]
}
