import { InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { z } from 'zod'
import { currencyOf } from './buyer-routes.ts'
import { decideClaim, type Decision } from './decide-claim.ts'
import { findFulfilments, type Person } from './fulfilment.ts'
import { makeClaim } from './make-claim.ts'
import { moveOrder, type Move } from './move-order.ts'
import { labelsFile, packListFile } from './packing-files.ts'
import { presentSales } from './present-sales.ts'
import type { FulfilmentDeps } from './routes.ts'
import { listSales, oldestSales, readHistory } from './sales.ts'
import { linesMax, shipMany } from './ship-many.ts'
import { shipmentShape } from './shipment.ts'
import {
  cancellationShape,
  claimAnswerShape,
  claimParams,
  completionShape,
  fileParams,
  fileQuery,
  orderParams,
  presentClaim,
  rejectionShape,
  saleDetailShape,
  salePageShape,
  saleShape,
  salesQuery,
  shipmentTextShape,
  shippedLinesShape,
} from './schema.ts'

const labelsMax = 1_000 // of one file: the rest comes when these are on their way

const access = ['seller', 'admin'] as const
const refused = {
  401: { description: 'No valid access token' },
  403: { description: '`forbidden`' },
  404: { description: '`not_found`: no such paid order of one’s products' },
}
const limited = { 429: { description: '`rate_limited`: see Retry-After' } }
const secret = { 'cache-control': 'no-store' }

/** The seller's desk: orders of one's products that were paid for. An admin may act on any order that is named. */
export const sellerRoutes = (deps: FulfilmentDeps): Endpoint[] => [
  ...readingRoutes(deps),
  ...shippingRoutes(deps),
  ...claimRoutes(deps),
]

function readingRoutes(deps: FulfilmentDeps): Endpoint[] {
  const { db, clock } = deps
  const present = (actor: Person, orderIds: readonly string[]) =>
    presentSales({ ...deps, now: clock() }, { orderIds, actor })
  return [
    endpoint({
      method: 'get',
      path: '/sales',
      summary: 'Orders of the caller’s products that were paid for, newest first, with their addresses',
      access,
      query: salesQuery,
      responses: {
        200: { description: 'One page', schema: salePageShape },
        400: { description: '`invalid_request`' },
        401: refused[401],
        403: refused[403],
      },
      handle: async ({ query: { state, late, claims, q: text, ...page }, caller }) => {
        const filter = { state, late: late === 'true', claims: claims === 'open', text }
        const { items, nextCursor } = await listSales(db, { sellerId: caller.sub, filter, now: clock() }, page)
        const ids = items.map(({ orderId }) => orderId)
        return { status: 200, body: { items: await present(caller, ids), nextCursor }, headers: secret }
      },
    }),
    endpoint({
      method: 'get',
      path: '/sales/{id}',
      summary: 'One of them, with what happened to it',
      access,
      params: orderParams,
      responses: { 200: { description: 'The order', schema: saleDetailShape }, ...refused },
      handle: async ({ params, caller }) => {
        const [sale] = await present(caller, [params.id])
        if (sale === undefined) throw new NotFoundError('paid order', params.id)
        const fulfilment = (await findFulfilments(db, [params.id])).get(params.id)
        const history = (await readHistory(db, params.id)).map(({ at, actorId, actorRole, action, details }) => {
          const person = actorId === fulfilment?.buyerId ? 'buyer' : actorRole === 'admin' ? 'admin' : 'seller'
          return { at: at.toISOString(), by: actorRole === 'system' ? ('system' as const) : person, action, details }
        })
        return { status: 200, body: { ...sale, history }, headers: secret }
      },
    }),
    endpoint({
      method: 'get',
      path: '/sales/files/{kind}',
      summary: 'The oldest orders in a state, at most 1,000, for whoever packs: labels, or a pack list, as CSV',
      access,
      params: fileParams,
      query: fileQuery,
      responses: {
        200: { description: 'UTF-8 with a byte order mark', contentType: 'text/csv', schema: z.string() },
        401: refused[401],
        403: refused[403],
      },
      handle: async ({ params: { kind }, query: { state }, caller }) => {
        const of = { sellerId: caller.sub, state, limit: labelsMax }
        const ids = (await oldestSales(db, of)).map(({ orderId }) => orderId)
        const sales = await present(caller, ids)
        return {
          status: 200,
          body: kind === 'labels' ? labelsFile(sales) : packListFile(sales),
          headers: {
            ...secret,
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="${kind}.csv"`,
          },
        }
      },
    }),
  ]
}

function shippingRoutes(deps: FulfilmentDeps): Endpoint[] {
  const { clock, limit } = deps
  const moved = async (move: Move & { actor: Person }) => {
    await limit.consume(move.actor.sub)
    await moveOrder(deps, move)
    const [sale] = await presentSales({ ...deps, now: clock() }, { orderIds: [move.orderId], actor: move.actor })
    return { status: 200, body: sale, headers: secret }
  }
  const answers = {
    200: { description: 'The order', schema: saleShape },
    ...refused,
    ...limited,
  }
  return [
    endpoint({
      method: 'post',
      path: '/sales/{id}/prepare',
      summary: 'Begin to pack an order: from then on its buyer asks before it is called off',
      access,
      params: orderParams,
      responses: { ...answers, 409: { description: '`order_state`, `claim_open`' } },
      handle: ({ params, caller }) => moved({ orderId: params.id, actor: caller, deed: 'prepare' }),
    }),
    endpoint({
      method: 'post',
      path: '/sales/{id}/ship',
      summary: 'Say which carrier has an order; again, to correct it',
      access,
      params: orderParams,
      body: shipmentShape,
      responses: { ...answers, 409: { description: '`order_state`, `address_missing`, `claim_open`' } },
      handle: ({ params, body, caller }) => moved({ orderId: params.id, actor: caller, deed: 'ship', shipment: body }),
    }),
    endpoint({
      method: 'post',
      path: '/sales/{id}/deliver',
      summary: 'Say that an order was delivered: its buyer has a week to send it back',
      access,
      params: orderParams,
      responses: { ...answers, 409: { description: '`order_state`, `claim_open`' } },
      handle: ({ params, caller }) => moved({ orderId: params.id, actor: caller, deed: 'deliver' }),
    }),
    endpoint({
      method: 'post',
      path: '/sales/shipments',
      summary: 'Ship many orders by pasted lines; each is answered by itself',
      access,
      body: shipmentTextShape,
      responses: {
        200: { description: 'One for each line that is not empty', schema: shippedLinesShape },
        401: refused[401],
        403: refused[403],
        ...limited,
      },
      handle: async ({ body: { text }, caller }) => {
        await limit.consume(caller.sub)
        if (text.split(/\r\n?|\n/).length > linesMax) {
          throw new InvalidRequestError(`At most ${linesMax} lines`, [{ path: 'text', message: 'has too many lines' }])
        }
        return { status: 200, body: { items: await shipMany(deps, { text, actor: caller }) } }
      },
    }),
  ]
}

function claimRoutes(deps: FulfilmentDeps): Endpoint[] {
  const { limit } = deps
  const decided = async (decision: Decision) => {
    await limit.consume(decision.actor.sub)
    const claim = await decideClaim(deps, decision)
    return { status: 200, body: presentClaim(claim, await currencyOf(deps, claim.orderId)) }
  }
  const answers = {
    200: { description: 'The claim', schema: claimAnswerShape },
    409: { description: '`claim_state`, `order_state`' },
    ...refused,
    ...limited,
  }
  return [
    endpoint({
      method: 'post',
      path: '/sales/{id}/cancel',
      summary: 'Call an order off before it is shipped: all that is left of the money goes back',
      access,
      params: orderParams,
      body: cancellationShape,
      responses: {
        201: { description: 'The claim, done', schema: claimAnswerShape },
        409: { description: '`order_state`, `claim_open`' },
        ...refused,
        ...limited,
      },
      handle: async ({ params, body, caller }) => {
        await limit.consume(caller.sub)
        const asked = { orderId: params.id, actor: caller, party: 'seller', kind: 'CANCEL', items: [] } as const
        const claim = await makeClaim(deps, { ...asked, ...body })
        return { status: 201, body: presentClaim(claim, await currencyOf(deps, params.id)) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/claims/{id}/collect',
      summary: 'Take a return: its units are on their way back',
      access,
      params: claimParams,
      responses: answers,
      handle: ({ params, caller }) => decided({ claimId: params.id, actor: caller, deed: 'collect' }),
    }),
    endpoint({
      method: 'post',
      path: '/claims/{id}/complete',
      summary: 'Grant a cancellation, or say that a return’s units are here: the money goes back, once',
      access,
      params: claimParams,
      body: completionShape,
      responses: answers,
      handle: ({ params, body, caller }) => decided({ claimId: params.id, actor: caller, deed: 'complete', ...body }),
    }),
    endpoint({
      method: 'post',
      path: '/claims/{id}/reject',
      summary: 'Refuse a claim, with the reason; the order is as it was',
      access,
      params: claimParams,
      body: rejectionShape,
      responses: answers,
      handle: ({ params, body, caller }) =>
        decided({ claimId: params.id, actor: caller, deed: 'reject', answer: body.answer }),
    }),
  ]
}
