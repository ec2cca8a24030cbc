/** A gateway that charges by itself and asks first (PortOne's Confirm process): the order is claimed when it asks. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { startShop } from './shop.ts'

const key = Buffer.from('a key of tests, of 32 characters')

/** What PortOne knows, by payment: its status, and what was cancelled of it. */
const theirs = new Map<string, { status: string; cancelled: number }>()
const portone = createServer((request, response) => {
  void text(request).then(() => {
    const [, id = '', verb] = /^\/payments\/([^/?]+)(?:\/([\w-]+))?/.exec(request.url ?? '') ?? []
    const known = theirs.get(id)
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (verb === 'pre-register') theirs.set(id, { status: 'READY', cancelled: 0 })
    if (verb === 'pre-register') return answer(200, {})
    if (!known) return answer(404, { type: 'PAYMENT_NOT_FOUND' })
    if (verb === 'cancel') {
      known.cancelled = 10_000
      return answer(200, { cancellation: { status: 'SUCCEEDED', id: 'c', totalAmount: 10_000, reason: '' } })
    }
    const amount = { total: 10_000, paid: 10_000, cancelled: known.cancelled }
    return answer(200, { id, transactionId: `tx_${id}`, status: known.status, amount })
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
