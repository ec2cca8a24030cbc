/** A gateway that charges by itself and asks first (PortOne's Confirm process): the order is claimed when it asks. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import { startShop } from './shop.ts'

const key = Buffer.from('a key of tests, of 32 characters')

/** What PortOne knows, by payment: its status and money, and what was cancelled of it, in how many cancels. */
interface Theirs {
  status: string
  cancelled: number
  cancels?: number
  total?: number
  currency?: string
}
const theirs = new Map<string, Theirs>()
const portone = createServer((request, response) => {
  void text(request).then(() => {
    const [, id = '', verb] = /^\/payments\/([^/?]+)(?:\/([\w-]+))?/.exec(request.url ?? '') ?? []
    const known = theirs.get(id)
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (verb === 'pre-register') theirs.set(id, { status: 'READY', cancelled: 0 })
    if (verb === 'pre-register') return answer(200, {})
    if (!known) return answer(404, { type: 'PAYMENT_NOT_FOUND' })
    const { total = 10_000, currency = 'KRW' } = known
    if (verb === 'cancel') {
      known.cancelled = total
      known.cancels = (known.cancels ?? 0) + 1
      return answer(200, { cancellation: { status: 'SUCCEEDED', id: 'c', totalAmount: total, reason: '' } })
    }
    const amount = { total, paid: total, cancelled: known.cancelled }
    return answer(200, { id, transactionId: `tx_${id}`, status: known.status, amount, currency })
  })
})
await listen(portone, 0, '127.0.0.1')
after(() => portone.close().closeAllConnections())

const gateway = {
  name: 'portone',
  storeId: 'store-1',
  channelKey: 'channel-1',
  url: `http://127.0.0.1:${(portone.address() as AddressInfo).port}`,
}
const shop = await startShop({
  payment: {
    GATEWAYS: JSON.stringify([gateway]),
    GATEWAY_PORTONE_SECRET_KEY: 'secret',
    GATEWAY_PORTONE_WEBHOOK_SECRET: key.toString('base64'),
    PUBLIC_HTTP_URL: 'https://shop.example',
  },
})
const [seller, buyer] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo')])

async function begun() {
  const product = await shop.product(seller, { stock: 1, amount: 10_000 })
  const order = await shop.order(buyer, product.id)
  const { status, body } = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id, method: 'card' })
  assert.deepEqual([status, body.next.kind, body.next.sdk], [202, 'sdk', 'portone'], JSON.stringify(body))
  assert.equal(body.next.parameters.confirmUrl, 'https://shop.example/api/payment/v1/webhooks/portone')
  return { order, id: body.id as string, returnUrl: body.next.parameters.redirectUrl as string }
}

async function hook(type: string, paymentId: string, secret = key): Promise<number> {
  const body = JSON.stringify({
    type,
    timestamp: '',
    data: { paymentId, storeId: 's', transactionId: 't', totalAmount: 1 },
  })
  const timestamp = `${Math.floor(Date.now() / 1_000)}`
  const signature = createHmac('sha256', secret).update(`msg.${timestamp}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'webhook-id': 'msg',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
  const url = `http://127.0.0.1:${shop.paymentPort}/api/payment/v1/webhooks/portone`
  return (await fetch(url, { method: 'POST', headers, body })).status
}

test('asked, the order is claimed; then it is charged, and a signed hint has it asked about', async () => {
  const { order, id } = await begun()
  const read = async (account: typeof buyer) => (await shop.pays(account, 'GET', `/payments/${id}`)).body.next.kind
  assert.deepEqual([await read(buyer), await read(await shop.anAdmin())], ['sdk', 'nothing'], 'the way back is in it')
  assert.equal(await hook('Transaction.Confirm', id, Buffer.from('forged')), 400)
  assert.notEqual((await shop.orderOf(buyer, order.id)).expiresAt, null)
  assert.equal(await hook('Transaction.Confirm', id), 204)
  assert.equal(await hook('Transaction.Confirm', id), 204)
  const claimed = await shop.orderOf(buyer, order.id)
  assert.deepEqual([claimed.expiresAt, claimed.paymentId], [null, id])
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${id}`)).body.state, 'PROCESSING')
  theirs.set(id, { status: 'PAID', cancelled: 0 })
  assert.equal(await hook('Transaction.Paid', id), 204)
  await shop.paymentIs(buyer, id, 'CAPTURED')
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('what cannot be claimed may not be charged', async () => {
  const { order, id } = await begun()
  await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
  assert.equal(await hook('Transaction.Confirm', id), 409)
  const ended = await shop.paymentIs(buyer, id, 'CANCELED', 'DECLINED')
  assert.equal(ended.failureReason, 'order_released')
})

test('money that came without asking goes back where the order cannot be claimed any more', async () => {
  const { order, id, returnUrl } = await begun()
  await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
  theirs.set(id, { status: 'PAID', cancelled: 0 })
  const way = new URL(
    `${new URL(returnUrl).pathname}?txId=tx_1&paymentId=${id}`,
    `http://127.0.0.1:${shop.paymentPort}`,
  )
  assert.equal((await fetch(way, { redirect: 'manual' })).status, 303)
  await shop.paymentIs(buyer, id, 'CANCELED')
  await eventually('all of it went back', () =>
    Promise.resolve(theirs.get(id)?.cancelled === 10_000 ? true : undefined),
  )
})

/** Leaves the window of a payment, which ends without money; what PortOne charges comes later. */
async function leftWindow() {
  const one = await begun()
  await comeBack(one, { code: 'FAILURE_TYPE_PG', pgCode: 'PAY_PROCESS_CANCELED' })
  assert.equal((await shop.paymentIs(buyer, one.id, 'CANCELED')).failureReason, 'buyer_left')
  return one
}

async function comeBack({ id, returnUrl }: { id: string; returnUrl: string }, query: Record<string, string>) {
  const parameters = new URLSearchParams({ paymentId: id, ...query })
  const way = new URL(`${new URL(returnUrl).pathname}?${parameters.toString()}`, `http://127.0.0.1:${shop.paymentPort}`)
  assert.equal((await fetch(way, { redirect: 'manual' })).status, 303)
}

const asleep = (id: string) =>
  eventually('nobody looks at it any more', async () =>
    (await shop.db('payments').where({ id, next_attempt_at: null, lease_owner: null }).first()) === undefined
      ? undefined
      : true,
  )

test('money that comes after the payment had ended pays its order, as long as that may be claimed', async () => {
  const { order, id } = await leftWindow()
  theirs.set(id, { status: 'PAID', cancelled: 0 })
  assert.equal(await hook('Transaction.Paid', id), 204)
  const paid = await shop.paymentIs(buyer, id, 'CAPTURED')
  assert.deepEqual([paid.amount.amount, paid.failureReason], [10_000, null])
  await shop.orderIs(buyer, order.id, 'PAID')
  assert.equal(theirs.get(id)?.cancels, undefined)
})

test('a return that comes late wakes it like a hint', async () => {
  const one = await leftWindow()
  theirs.set(one.id, { status: 'PAID', cancelled: 0 })
  await comeBack(one, { txId: 'tx_1' })
  await shop.orderIs(buyer, one.order.id, 'PAID')
})

test('late money of an order that is gone, or that another payment pays, goes back once, however often it is told', async () => {
  const gone = await leftWindow()
  await buyer.expect(200, 'POST', `/orders/${gone.order.id}/cancel`)
  const second = await leftWindow()
  const { body: other } = await shop.pays(buyer, 'POST', '/payments', { orderId: second.order.id, method: 'card' })
  for (const { id } of [gone, second]) {
    theirs.set(id, { status: 'PAID', cancelled: 0 })
    for (let n = 0; n < 3; n += 1) {
      assert.equal(await hook('Transaction.Paid', id), 204)
      await asleep(id)
    }
    assert.deepEqual([theirs.get(id)?.cancelled, theirs.get(id)?.cancels], [10_000, 1])
    assert.equal((await shop.pays(buyer, 'GET', `/payments/${id}`)).body.state, 'CANCELED')
    const entries = await shop.db('ledger_entries').where({ payment_id: id, kind: 'unclaimed' })
    assert.equal(entries.length, 4)
  }
  assert.equal(await hook('Transaction.Confirm', other.id), 204)
  theirs.set(other.id, { status: 'PAID', cancelled: 0 })
  await hook('Transaction.Paid', other.id)
  await shop.orderIs(buyer, second.order.id, 'PAID')
})

test('a hint that comes while the window is being given up is looked after once it has ended', async () => {
  const { order, id } = await begun()
  const held = {
    lease_owner: 'drv_gives_up',
    next_attempt_at: new Date(Date.now() + 60_000),
    left_reason: 'buyer_left',
  }
  await shop.db('payments').where({ id }).update(held) // it has asked, and was told of no money
  assert.equal(await hook('Transaction.Paid', id), 204)
  await shop.db('payments').where({ id }).update({ lease_owner: null, next_attempt_at: new Date() })
  await shop.paymentIs(buyer, id, 'CANCELED')
  await asleep(id)
  const row = await shop.db('payments').where({ id }).first()
  assert.equal(row.hinted_at, null, 'it was looked at once more')
  assert.equal((await shop.orderOf(buyer, order.id)).state, 'RESERVED')
})

test('a day after its end nothing wakes a payment', async () => {
  const { id } = await leftWindow()
  const before = new Date(Date.now() - 24 * 3_600_000 - 1_000)
  await shop.db('payments').where({ id }).update({ updated_at: before })
  theirs.set(id, { status: 'PAID', cancelled: 0 })
  assert.equal(await hook('Transaction.Paid', id), 204)
  const row = await shop.db('payments').where({ id }).first()
  assert.deepEqual([row.state, row.next_attempt_at], ['CANCELED', null])
})

test('what was allowed and is never charged ends some time after its window, and the reservation is free', async () => {
  const { order, id } = await begun()
  assert.equal(await hook('Transaction.Confirm', id), 204)
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, null)
  const longOver = new Date(Date.now() - 11 * 60_000)
  await shop.db('payments').where({ id }).update({ window_until: longOver, next_attempt_at: new Date() })
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'expired')
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
  theirs.set(id, { status: 'PAID', cancelled: 0 }) // and when it is charged all the same
  assert.equal(await hook('Transaction.Paid', id), 204)
  await shop.orderIs(buyer, order.id, 'PAID')
})

for (const [what, money] of [
  ['amount', { total: 9_000 }],
  ['currency', { currency: 'JPY' }],
] as const) {
  test(`money in another ${what} than asked pays nothing: it goes back, and an operator reads of it`, async () => {
    const { order, id } = await begun()
    assert.equal(await hook('Transaction.Confirm', id), 204)
    theirs.set(id, { status: 'PAID', cancelled: 0, ...money })
    assert.equal(await hook('Transaction.Paid', id), 204)
    assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'amount_differs')
    assert.equal(theirs.get(id)?.cancels, 1)
    await shop.allTold()
    assert.equal((await shop.orderOf(buyer, order.id)).state, 'RESERVED')
    const { body } = await shop.pays(await shop.anAdmin(), 'GET', '/stuck-payments')
    const shown = body.returned.find(({ paymentId }: { paymentId: string }) => paymentId === id)
    const { total: amount = 10_000, currency = 'KRW' } = { ...money } as { total?: number; currency?: string }
    assert.deepEqual([shown.amount, shown.reason], [{ amount, currency }, 'amount_differs'])
  })
}

test('after all of that the ledger adds up', async () => {
  assert.deepEqual(await checkLedger(shop.db), [])
})
