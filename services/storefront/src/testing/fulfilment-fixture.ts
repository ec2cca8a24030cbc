/** Addresses and the way of orders, as the fixture answers them: as much of the service's rules as the pages are tested with. */
import type { Address, BookAddress, Claim, Fulfilment } from '../api/model.ts'
import { makeWay, type FixtureState } from './fixture-state.ts'

/** An answer; `changed` has every stream told. */
interface Answer {
  status: number
  body?: unknown
  changed?: boolean
}

/** Answers a request about addresses, fulfilments and claims; undefined for any other. */
export function answerFulfilment(request: {
  route: string
  url: URL
  body: Record<string, unknown>
  state: FixtureState
}): Answer | undefined {
  const { route, url, body, state } = request
  const [method = '', path = ''] = route.split(' ')
  const [, first = '', id = '', deed = ''] = path.split('/')
  if (path.startsWith('/account/addresses')) return addresses(method, path.split('/')[3], body, state)
  if (route === 'GET /fulfilments') {
    const ids = (url.searchParams.get('orders') ?? '').split(',')
    return { status: 200, body: { items: ids.map((each) => wayOf(state, each)) } }
  }
  if (first === 'orders' && method === 'PUT' && deed === 'address') {
    const { addressId } = body
    const known = state.addresses.find((each) => each.id === addressId)
    return change(state, id, { address: known ? plain(known) : (body as Address) })
  }
  if (first === 'orders' && deed === 'confirm') return change(state, id, { state: 'CONFIRMED', mayDo: [] })
  if (first === 'orders' && deed === 'claims') return claim(state, id, body)
  if (route === 'GET /sales') return { status: 200, body: { items: sales(state, url), nextCursor: null } }
  if (route === 'POST /sales/shipments') return shipLines(state, String(body['text']))
  if (first === 'sales' && method === 'GET') {
    if (id === 'files') return { status: 200, body: `"${deed}"` }
    return { status: 200, body: { ...sales(state, url).find(({ order }) => order.id === id), history: [] } }
  }
  if (first === 'sales' && deed === 'prepare') return change(state, id, { state: 'PREPARING' })
  if (first === 'sales' && deed === 'ship') return change(state, id, { state: 'SHIPPED', shippedAt: now(), ...body })
  if (first === 'sales' && deed === 'deliver') {
    const may: Fulfilment['mayDo'] = ['confirm', 'return']
    return change(state, id, { state: 'DELIVERED', deliveredAt: now(), confirmsAt: now(), mayDo: may })
  }
  if (first === 'claims') return decide(state, id, deed, body)
  return undefined
}

const now = () => new Date().toISOString()

function addresses(method: string, id: string | undefined, body: object, state: FixtureState): Answer {
  if (method === 'GET') return { status: 200, body: { items: state.addresses } }
  const others = state.addresses.filter((each) => each.id !== id)
  if (method === 'DELETE') {
    state.addresses = others
    return { status: 204 }
  }
  const saved = { id: id ?? `adr-${state.addresses.length + 1}`, ...(body as Omit<BookAddress, 'id'>) }
  if (others.length === 0) saved.isDefault = true
  state.addresses = saved.isDefault
    ? [saved, ...others.map((each) => ({ ...each, isDefault: false }))]
    : [...others, saved]
  return { status: id === undefined ? 201 : 200, body: saved }
}

function plain(known: BookAddress): Address {
  const { id: _, isDefault: _default, ...address } = known
  return address
}

function wayOf(state: FixtureState, orderId: string): Fulfilment {
  const way = state.ways.get(orderId) ?? makeWay(orderId)
  const order = state.orders.get(orderId)
  if (way.state === null && order?.state === 'PAID') {
    Object.assign(way, { state: 'PAID', paidAt: now(), mayDo: ['address', 'cancel', 'prepare', 'ship'] })
  }
  state.ways.set(orderId, way)
  return way
}

function change(state: FixtureState, orderId: string, over: Partial<Fulfilment>): Answer {
  const way = Object.assign(wayOf(state, orderId), over)
  const order = state.orders.get(orderId)
  return { status: 200, changed: true, body: order === undefined ? way : { ...way, order, fulfilment: way } }
}

function claim(state: FixtureState, orderId: string, body: Record<string, unknown>): Answer {
  const way = wayOf(state, orderId)
  const made: Claim = {
    id: `clm-${way.claims.length + 1}`,
    orderId,
    kind: body['kind'] as Claim['kind'],
    state: 'REQUESTED',
    items: (body['items'] as Claim['items'] | undefined) ?? [],
    reason: String(body['reason']),
    answer: '',
    restock: null,
    refund: null,
    createdAt: now(),
    endedAt: null,
  }
  way.claims = [...way.claims, made]
  way.mayDo = []
  return { status: 201, body: made, changed: true }
}

function decide(state: FixtureState, id: string, deed: string, body: Record<string, unknown>): Answer {
  const states: Record<string, Claim['state']> = {
    collect: 'COLLECTING',
    complete: 'DONE',
    reject: 'REJECTED',
    withdraw: 'WITHDRAWN',
  }
  const found = [...state.ways.values()].flatMap(({ claims }) => claims).find((each) => each.id === id)
  if (found === undefined) return { status: 404 }
  found.state = states[deed] ?? found.state
  found.answer = typeof body['answer'] === 'string' ? body['answer'] : ''
  if (deed === 'complete') {
    const { unitPrice } = state.orders.get(found.orderId)?.items[0] ?? { unitPrice: { amount: 0, currency: 'KRW' } }
    found.restock = Boolean(body['restock'])
    found.refund = { state: 'DONE', amount: unitPrice, shipping: { ...unitPrice, amount: 0 }, reason: null }
  }
  return { status: 200, body: found, changed: true }
}

function sales(state: FixtureState, url: URL) {
  const wanted = url.searchParams.get('state')
  return [...state.orders.values()]
    .filter((order) => order.state === 'PAID')
    .map((order) => ({ order, buyerName: '민지', fulfilment: wayOf(state, order.id) }))
    .filter(({ fulfilment }) => wanted === null || fulfilment.state === wanted)
}

function shipLines(state: FixtureState, text: string): Answer {
  const items = text.split('\n').map((content, index) => {
    const [orderId = '', carrier = '', trackingNumber = ''] = content.split(',').map((cell) => cell.trim())
    const code = state.orders.has(orderId) ? null : 'not_found'
    if (code === null) change(state, orderId, { state: 'SHIPPED', shippedAt: now(), carrier, trackingNumber })
    return { line: index + 1, orderId, code }
  })
  return { status: 200, body: { items }, changed: true }
}
