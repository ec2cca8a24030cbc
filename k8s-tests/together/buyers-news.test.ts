/** What buyers are told of their payments while they watch: all of it, at once, and nobody else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aBroadcast } from '../../services/commerce/src/testing/factories.ts'
import { EventReader } from '../../services/commerce/src/testing/event-reader.ts'
import { startShop } from './shop.ts'

const shop = await startShop()
const [seller, buyer, other] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Cho')])
const { url } = shop.commerce

test('a decline, the payment and the refund come by the stream that the buyer holds, on every page of theirs', async () => {
  const product = await shop.product(seller, { stock: 5, amount: 10_000 })
  const broadcast = await aBroadcast(seller, [product.id])
  const watch = `/broadcasts/${broadcast.id}/events`
  await using watching = await EventReader.openAt(url, watch, { cookie: buyer.cookie ?? '' })
  await using orders = await EventReader.openAt(url, '/orders/events', { cookie: buyer.cookie ?? '' })
  await using others = await EventReader.openAt(url, watch, { cookie: other.cookie ?? '' })
  await using nobodys = await EventReader.openAt(url, watch, {})
  const both = async () => {
    const [one, two] = await Promise.all([watching.next('order'), orders.next('order')])
    assert.deepEqual(one.data, two.data)
    return one.data
  }

  const order = await shop.order(buyer, product.id)
  const declined = await shop.pay(buyer, order.id, '4000000000000127')
  assert.deepEqual(await both(), {
    orderId: order.id,
    state: 'RESERVED',
    payment: { id: declined.body.id, outcome: 'failed', reason: 'incorrect_cvc', refunded: null },
  })
  const { body } = await shop.pay(buyer, order.id)
  assert.deepEqual(await both(), {
    orderId: order.id,
    state: 'PAID',
    payment: { id: body.id, outcome: 'paid', reason: null, refunded: null },
  })
  const refunded = { amount: 4_000, currency: 'KRW' }
  await shop.pays(seller, 'POST', `/payments/${body.id}/refunds`, { amount: refunded })
  assert.deepEqual(await both(), {
    orderId: order.id,
    state: 'PARTIALLY_REFUNDED',
    payment: { id: body.id, outcome: 'refunded', reason: null, refunded },
  })
  await shop.allTold()
  await shop.commerce.redis.ping() // what was published before it has arrived
  for (const reader of [others, nobodys]) {
    assert.deepEqual(
      reader.events.filter(({ type }) => type === 'order'),
      [],
    )
  }
})

test('who has no session has no orders to hear of, and a session that was ended is none', async () => {
  await assert.rejects(EventReader.openAt(url, '/orders/events', {}), /401/)
  const leaver = await shop.signedIn('Lee')
  const cookie = leaver.cookie ?? ''
  await leaver.expect(204, 'DELETE', '/sessions/current')
  await assert.rejects(EventReader.openAt(url, '/orders/events', { cookie }), /401/)
})
