import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { findAddress } from './address-book.ts'
import { decideClaim } from './decide-claim.ts'
import { makeClaim } from './make-claim.ts'
import { moveOrder } from './move-order.ts'
import { newsOf } from './news.ts'
import { setOrderAddress } from './order-address.ts'
import type { FulfilmentDeps } from './routes.ts'
import {
  claimAnswerShape,
  claimParams,
  fulfilmentsQuery,
  fulfilmentShape,
  fulfilmentsShape,
  newClaimShape,
  orderAddressShape,
  orderParams,
  presentClaim,
  presentFulfilment,
} from './schema.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import type { Person } from './fulfilment.ts'
import { soldOf } from '../orders/schema.ts'
import { waysOfOrders } from './ways-of-orders.ts'

const refused = { 401: { description: 'No valid access token' }, 404: { description: '`not_found`' } }
const limited = { 429: { description: '`rate_limited`: see Retry-After' } }
const secret = { 'cache-control': 'no-store' }

/** What the buyer of an order sees of its way, and does. */
export function buyerRoutes(deps: FulfilmentDeps): Endpoint[] {
  const { db, clock, tell, limit } = deps
  const read = async (actor: Person, orderId: string) => {
    const [way] = await waysOfOrders(db, { orderIds: [orderId], actor, party: 'buyer' })
    if (way === undefined) throw new NotFoundError('order', orderId)
    return presentFulfilment(way, 'buyer', clock())
  }
  return [
    endpoint({
      method: 'get',
      path: '/fulfilments',
      summary: 'How the caller’s orders go: address, tracking, what may be done; others’ orders are left out',
      access: 'account',
      query: fulfilmentsQuery,
      responses: { 200: { description: 'One each', schema: fulfilmentsShape }, 401: refused[401] },
      handle: async ({ query, caller }) => {
        const ways = await waysOfOrders(db, { orderIds: query.orders, actor: caller, party: 'buyer' })
        const items = ways.map((way) => presentFulfilment(way, 'buyer', clock()))
        return { status: 200, body: { items }, headers: secret }
      },
    }),
    endpoint({
      method: 'put',
      path: '/orders/{id}/address',
      summary: 'Say where an order goes, until it is on its way; its total follows until it is being paid',
      access: 'account',
      params: orderParams,
      body: orderAddressShape,
      responses: {
        200: { description: 'How the order goes', schema: fulfilmentShape },
        409: {
          description:
            '`order_state`: it is on its way, or over; `shipping_differs`: it is paid for, or being paid, and would cost something else there (total)',
        },
        ...refused,
        ...limited,
      },
      handle: async ({ params, body, caller }) => {
        await limit.consume(caller.sub)
        const address = 'addressId' in body ? await ofBook(deps, caller, body.addressId) : body
        const changed = await setOrderAddress({ db, now: clock() }, { orderId: params.id, actor: caller, address })
        if (changed) tell(newsOf([changed]))
        return { status: 200, body: await read(caller, params.id), headers: secret }
      },
    }),
    endpoint({
      method: 'post',
      path: '/orders/{id}/confirm',
      summary: 'Confirm that an order came and stays; nothing of it can be sent back then',
      access: 'account',
      params: orderParams,
      responses: {
        200: { description: 'How the order goes', schema: fulfilmentShape },
        409: { description: '`order_state`, `claim_open`' },
        ...refused,
        ...limited,
      },
      handle: async ({ params, caller }) => {
        await limit.consume(caller.sub)
        await moveOrder(deps, { orderId: params.id, actor: caller, deed: 'confirm' })
        return { status: 200, body: await read(caller, params.id), headers: secret }
      },
    }),
    endpoint({
      method: 'post',
      path: '/orders/{id}/claims',
      summary: 'Call an order off before it is shipped, or send units of it back within a week of delivery',
      access: 'account',
      params: orderParams,
      body: newClaimShape,
      responses: {
        201: {
          description: 'The claim: done at once when nobody packs the order yet, else for its seller to decide',
          schema: claimAnswerShape,
        },
        409: { description: '`order_state`, `claim_open`, `too_many_units`' },
        ...refused,
        ...limited,
      },
      handle: async ({ params, body, caller }) => {
        await limit.consume(caller.sub)
        const { kind, reason } = body
        const items = (body.items ?? []).map((item) => ({ productId: soldOf(item), quantity: item.quantity }))
        const asked = { orderId: params.id, actor: caller, party: 'buyer' as const, kind, items, reason, restock: true }
        const claim = await makeClaim(deps, asked)
        return { status: 201, body: presentClaim(claim, await currencyOf(deps, params.id)) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/claims/{id}/withdraw',
      summary: 'Take back a claim that nobody has acted on; the order is as it was',
      access: 'account',
      params: claimParams,
      responses: {
        200: { description: 'The claim', schema: claimAnswerShape },
        409: { description: '`claim_state`' },
        ...refused,
        ...limited,
      },
      handle: async ({ params, caller }) => {
        await limit.consume(caller.sub)
        const claim = await decideClaim(deps, { claimId: params.id, actor: caller, deed: 'withdraw' })
        return { status: 200, body: presentClaim(claim, await currencyOf(deps, claim.orderId)) }
      },
    }),
  ]
}

async function ofBook({ db }: FulfilmentDeps, caller: Person, addressId: string) {
  const { id: _, isDefault: _default, ...address } = await findAddress(db, { accountId: caller.sub, addressId })
  return address
}

/** In which currency an order is. */
export async function currencyOf({ db }: FulfilmentDeps, orderId: string): Promise<string> {
  const row = await db('orders').where('id', orderId).first<{ currency: string } | undefined>('currency')
  return row?.currency ?? ''
}
