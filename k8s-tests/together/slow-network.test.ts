/** A network that takes longer than anything was planned for, and an account that floods: no good card is declined. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { startShop } from './shop.ts'

const shop = await startShop({
  payment: { LEASE_MS: '1000', GATEWAY_TIMEOUT_MS: '4000', GATEWAY_CONCURRENCY: '2' },
  faults: { medianMs: 600 },
})
const [seller, buyer, flooder] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Fu')])

test('cards wait longer than a lease and a reservation last, behind a flood, and all are paid', async () => {
  const [wanted, cheap] = await Promise.all([
    shop.product(seller, { stock: 5, amount: 10_000 }),
    shop.product(flooder, { stock: 40, amount: 1 }),
  ])
  const flood = await Promise.all(
    Array.from({ length: 20 }, async () => (await shop.order(flooder, cheap.id)).id as string),
  )
  const order = await shop.order(buyer, wanted.id)
  const accepted = await Promise.all(flood.map((id) => shop.pay(flooder, id)))
  assert.deepEqual(new Set(accepted.map(({ status }) => status)), new Set([202]))
  assert.equal((await shop.pay(buyer, order.id)).status, 202)
  const { db } = shop.commerce
  // a claim that had no answer in time is repeated behind the 202; until it is there, a reservation runs out like any other
  await eventually('every order is claimed', async () =>
    (await db('orders').whereNull('claimed_at')).length === 0 ? true : undefined,
  )
  await db('orders').update({ expires_at: db.raw('UTC_TIMESTAMP(3) - INTERVAL 1 SECOND') }) // all of their times are over
  await shop.orderIs(buyer, order.id, 'PAID')
  const waiting = await shop.db('payments').where({ buyer_id: flooder.id, state: 'REQUESTED' })
  assert.ok(waiting.length >= 3, `the buyer waited behind all but ${waiting.length} of another's flood`)
  await Promise.all(flood.map((id) => shop.orderIs(flooder, id, 'PAID')))
  const { DONE: charged } = await shop.networkTotals()
  assert.deepEqual(charged, { count: 21, amount: 10_020, refunded: 0 })
})
