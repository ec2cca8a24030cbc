import type { Knex } from 'knex'
import { z } from 'zod'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { Deal, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { authenticate, isAskedBy, type TokenVerifier } from '@mytaek1/platform/auth.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { imageMediaTypes } from '../catalog/image-type.ts'
import { imageUrls } from '../catalog/renditions.ts'
import { uploadedImageShape } from '../catalog/schema.ts'
import { uploadImage, uploadRefusals, type UploadDeps } from '../catalog/upload-image.ts'
import { idShape } from '../ids.ts'
import { pageQuery } from '../paging.ts'
import { keyOf, shared, type SharedReads } from '../shared-reads.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import { endBroadcast, openBroadcast, requireOwnBroadcast, setBroadcastImage } from './change-broadcast.ts'
import { changeTray, pinEvent } from './change-tray.ts'
import { createBroadcast } from './create-broadcast.ts'
import type { EncoderAdvice } from './encoder-advice.ts'
import { pinProducts } from './pins.ts'
import { findBroadcast, listBroadcasts, productsOf, stateFilters, type ShownBroadcast } from './queries.ts'
import {
  broadcastIdParams,
  broadcastPageShape,
  broadcastShape,
  newBroadcastShape,
  newPinShape,
  newPinsShape,
  newTrayShape,
  pinShape,
  presentBroadcast,
} from './schema.ts'

/** What the broadcasts' endpoints need. */
export interface BroadcastsDeps {
  db: Knex
  verify: TokenVerifier
  reads: SharedReads
  images: Omit<UploadDeps, 'db' | 'now'>
  viewersOf: (broadcastIds: readonly string[]) => Promise<Map<string, number>>
  /** What the seller should change about the encoder, as far as this process has seen. */
  adviceOf: (broadcastId: string) => EncoderAdvice | undefined
  /** Tells a broadcast's viewers; not waited for. */
  announce: (broadcastId: string, event: LiveEvent) => void
  /** Told after the commit that a deal started or ended. */
  dealChanged: (deal: Deal) => void
  /** Told after a commit that asked for an object to follow. */
  wakeSync: () => void
  publicHttpUrl: string
  publicHlsUrl: string | undefined
  publicRtmpUrl: string
  clock: () => Date
  limits: { write: RateLimit; upload: RateLimit }
}

const refusals = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: not the seller’s own' },
  404: { description: '`not_found`' },
  429: { description: '`rate_limited`' },
}
const sellers = ['seller', 'admin'] as const

/** Broadcasts: create, list, open, end, pin. */
export function broadcastsRoutes(deps: BroadcastsDeps): Endpoint[] {
  const { db, clock, limits } = deps
  return [
    endpoint({
      method: 'post',
      path: '/broadcasts',
      summary: 'Create a broadcast; without scheduledAt it opens at once',
      access: sellers,
      body: newBroadcastShape,
      responses: {
        201: { description: 'The broadcast', schema: broadcastShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_open`: another one is; `stream_key_revoked`' },
        422: { description: '`product_not_offered`, `scheduled_in_past`' },
        ...refusals,
      },
      handle: async ({ body, caller }) => {
        await limits.write.consume(caller.sub)
        const scheduledAt = body.scheduledAt === undefined ? undefined : new Date(body.scheduledAt)
        const broadcast = await createBroadcast({ db, now: clock() }, caller, { ...body, scheduledAt })
        deps.wakeSync()
        const location = `/api/commerce/v1/broadcasts/${broadcast.id}`
        return { status: 201, body: await presentOne(deps, broadcast.id), headers: { location } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts',
      summary:
        'Broadcasts, newest first, with their pictures; `state=live` has interrupted ones too, `seller=me` those not listed',
      access: 'public',
      query: z.object({
        state: z.enum(stateFilters).optional(),
        seller: idShape.optional().describe('an account’s id, or `me`'),
        ...pageQuery,
      }),
      responses: {
        200: { description: 'One page', schema: broadcastPageShape },
        400: { description: '`invalid_request`' },
        401: { description: '`seller=me` without a valid access token' },
      },
      handle: async ({ query: { state, seller, ...page } }, ctx) => {
        const list = async (sellerId: string | undefined, withUnlisted: boolean) => {
          const { items, nextCursor } = await listBroadcasts(db, { state, sellerId, withUnlisted }, page)
          return { items: await presentAll(deps, items), nextCursor }
        }
        if (seller === 'me') return { status: 200, body: await list((await authenticate(ctx, deps.verify)).sub, true) }
        const key = keyOf('broadcasts', { state, seller, ...page })
        return shared(await deps.reads.read(key, async () => ({ body: await list(seller, false) })))
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}',
      summary: 'A broadcast with its products and their stock',
      access: 'public',
      params: broadcastIdParams,
      responses: { 200: { description: 'The broadcast', schema: broadcastShape }, 404: { description: '`not_found`' } },
      handle: async ({ params }, ctx) => {
        const find = async () => {
          const body = await presentOne(deps, params.id, false)
          return { body, ownerId: body.sellerId }
        }
        const answer = await deps.reads.read(keyOf('broadcast', params), find)
        // another Pod may have what its seller did a moment ago
        const isOwn = answer.ownerId !== undefined && (await isAskedBy(ctx, deps.verify, answer.ownerId))
        return isOwn ? { status: 200, body: await presentOne(deps, params.id) } : shared(answer)
      },
    }),
    endpoint({
      method: 'put',
      path: '/broadcasts/{id}/image',
      summary: 'Set a broadcast’s picture; it is re-encoded, the original is not kept',
      access: sellers,
      params: broadcastIdParams,
      streamedBody: imageMediaTypes,
      responses: {
        200: { description: 'Where its files are', schema: uploadedImageShape },
        ...refusals,
        ...uploadRefusals,
      },
      handle: async ({ params, caller }, ctx) => {
        await requireOwnBroadcast(db, caller, params.id)
        await limits.upload.consume(caller.sub)
        const imageId = await uploadImage({ ...deps.images, db, now: clock() }, ctx.req)
        await setBroadcastImage({ db, now: clock() }, params.id, imageId)
        return { status: 200, body: { imageUrls: imageUrls(imageId) } }
      },
    }),
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/open',
      summary: 'Open a scheduled broadcast',
      access: sellers,
      params: broadcastIdParams,
      responses: {
        200: { description: 'The broadcast', schema: broadcastShape },
        409: { description: '`broadcast_open`: another one is; `broadcast_state`: it has ended; `stream_key_revoked`' },
        ...refusals,
      },
      handle: async ({ params, caller }) => {
        const broadcast = await openBroadcast({ db, now: clock() }, caller, params.id)
        deps.wakeSync()
        deps.announce(params.id, { type: 'state', data: { state: broadcast.state } })
        return { status: 200, body: await presentOne(deps, broadcast.id) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/end',
      summary: 'End a broadcast for good',
      access: sellers,
      params: broadcastIdParams,
      responses: { 200: { description: 'The broadcast', schema: broadcastShape }, ...refusals },
      handle: async ({ params, caller }) => {
        const { broadcast, endedNow } = await endBroadcast({ db, now: clock() }, caller, params.id)
        deps.wakeSync()
        if (endedNow) deps.announce(params.id, { type: 'state', data: { state: 'ended' } })
        return { status: 200, body: await presentOne(deps, broadcast.id) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/pins',
      summary: 'Pin one of the broadcast’s products over the picture, or take the pin away',
      access: sellers,
      params: broadcastIdParams,
      body: newPinShape,
      responses: {
        201: { description: 'Pinned', schema: pinShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it has ended' },
        422: { description: '`product_not_shown`' },
        ...refusals,
      },
      handle: async ({ params, body, caller }) => {
        const productIds = body.productId === null ? [] : [body.productId]
        return { status: 201, body: await pin(deps, caller, params.id, productIds) }
      },
    }),
    endpoint({
      method: 'put',
      path: '/broadcasts/{id}/pins',
      summary: 'Pin up to three of the broadcast’s products over the picture, in order',
      access: sellers,
      params: broadcastIdParams,
      body: newPinsShape,
      responses: {
        200: { description: 'Pinned', schema: pinShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it has ended' },
        422: { description: '`product_not_shown`' },
        ...refusals,
      },
      handle: async ({ params, body, caller }) => ({
        status: 200,
        body: await pin(deps, caller, params.id, body.productIds),
      }),
    }),
    endpoint({
      method: 'put',
      path: '/broadcasts/{id}/products',
      summary:
        'Make the tray of a show what is given: add, move, hide and take away products; viewers are told at once',
      access: sellers,
      params: broadcastIdParams,
      body: newTrayShape,
      responses: {
        200: { description: 'The broadcast', schema: broadcastShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it has ended' },
        422: { description: '`product_not_offered`' },
        ...refusals,
      },
      handle: async ({ params, body, caller }) => {
        await limits.write.consume(caller.sub)
        const events = await changeTray({ db, now: clock() }, caller, params.id, body.items)
        for (const event of events) deps.announce(params.id, event)
        return { status: 200, body: await presentOne(deps, params.id) }
      },
    }),
  ]
}

async function pin(deps: BroadcastsDeps, caller: AccessTokenClaims, id: string, productIds: readonly string[]) {
  await deps.limits.write.consume(caller.sub)
  const now = deps.clock()
  await pinProducts({ db: deps.db, now }, caller, id, productIds)
  deps.announce(id, pinEvent(productIds, now))
  return { productId: productIds[0] ?? null, productIds: [...productIds], at: now.toISOString() }
}

async function presentOne(deps: BroadcastsDeps, id: string, own = true) {
  const broadcast = await findBroadcast(deps.db, id)
  const [presented] = broadcast === undefined ? [] : await presentAll(deps, [broadcast], own)
  if (presented === undefined) throw new NotFoundError('broadcast', id)
  return presented
}

// One query more, whatever the length of the list.
async function presentAll(deps: BroadcastsDeps, broadcasts: readonly ShownBroadcast[], own = false) {
  const { db, publicHttpUrl, publicHlsUrl, publicRtmpUrl } = deps
  const [products, viewers] = await Promise.all([
    productsOf(
      db,
      broadcasts.map((each) => each.id),
    ),
    deps.viewersOf(broadcasts.filter((each) => each.state === 'live').map((each) => each.id)),
  ])
  return broadcasts.map((each) =>
    presentBroadcast(each, {
      sellerName: each.sellerName,
      products: products.get(each.id) ?? [],
      own,
      viewers: viewers.get(each.id) ?? 0,
      advice: each.state === 'live' ? deps.adviceOf(each.id) : undefined,
      publicHttpUrl,
      publicHlsUrl,
      publicRtmpUrl,
    }),
  )
}
