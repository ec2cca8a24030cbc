/** What the people who run the platform see of money that got stuck, and do about it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startShop } from './shop.ts'

const shop = await startShop()
/** Its network fails each time, having done nothing: there is no word of it. */
const withoutWord = '4000000000000119'
const [seller, buyer, admin] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.anAdmin()])
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

async function order() {
  const product = await shop.product(seller, { stock: 5, amount: 10_000 })
  return (await shop.order(buyer, product.id)).id as string
}
const stuck = async () => (await shop.pays(admin, 'GET', '/stuck-payments')).body
const did = async (subject: string) =>
  (await shop.pays(admin, 'GET', `/audit?subject=${subject}`)).body.items.map(
    (entry: { action: string; actorId: string }) => [entry.action, entry.actorId],
  )
/** The value of a metric's one series that has these labels. */
async function metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const { values = [] } = (await shop.payment.registry.getSingleMetric(name.replace(/_count$/, ''))?.get()) ?? {}
  const asked = Object.entries(labels)
  return values.find(
    (series) =>
      (!('metricName' in series) || series.metricName === name) &&
      asked.every(([label, value]) => series.labels[label] === value),
  )?.value
}

test('a payment without an ending is shown, asked about and taken up at once, by an admin only, and that is written down', async () => {
  const { body } = await shop.pay(buyer, await order(), withoutWord)
  await shop.paymentIs(buyer, body.id, 'UNKNOWN')
  const later = new Date(Date.now() + 600_000)
  const row = { created_at: minutesAgo(5), next_attempt_at: later, charge_by: later }
  await shop.db('payments').where('id', body.id).update(row)
  for (const account of [seller, buyer]) {
    assert.equal((await shop.pays(account, 'GET', '/stuck-payments')).status, 403)
    assert.equal((await shop.pays(account, 'POST', `/payments/${body.id}/retries`)).status, 403)
  }
  const [shown] = (await stuck()).payments
  assert.deepEqual([shown.id, shown.state, shown.gateway], [body.id, 'UNKNOWN', 'simulator'])
  assert.ok(Number(await metric('payment_oldest_unknown_seconds')) > 299)
  const word = await shop.pays(admin, 'POST', `/payments/${body.id}/queries`)
  assert.deepEqual([word.status, word.body.status], [200, 'NOT_FOUND'])
  await shop
    .db('payments')
    .where('id', body.id)
    .update({ charge_by: minutesAgo(5) })
  assert.equal((await shop.pays(admin, 'POST', `/payments/${body.id}/retries`)).status, 204)
  await shop.paymentIs(buyer, body.id, 'CANCELED')
  const again = await shop.pays(admin, 'POST', `/payments/${body.id}/retries`)
  assert.deepEqual([again.status, again.body.code], [409, 'not_stuck'])
  assert.deepEqual((await stuck()).payments, [])
  assert.deepEqual(await did(body.id), [
    ['payment.retried', admin.id],
    ['payment.queried', admin.id],
  ])
})

test('a refund has the law’s clock, for its seller and an admin; one that is late is counted, and a person may hurry it', async () => {
  const orderId = await order()
  const { body } = await shop.pay(buyer, orderId)
  await shop.orderIs(buyer, orderId, 'PAID')
  const made = await shop.pays(seller, 'POST', `/payments/${body.id}/refunds`, { restock: false })
  assert.ok(Date.parse(made.body.dueAt) > Date.now() + 2 * 86_400_000)
  assert.equal(made.body.lateInterest.amount, 0)
  await shop.refundIs(made.body.id, 'DONE')
  assert.deepEqual(await did(body.id), [['refund.requested', seller.id]])

  // as if the gateway had been away for half a year
  const asked = new Date(Date.now() - 183 * 86_400_000)
  const waiting = {
    state: 'REQUESTED',
    created_at: asked,
    ended_at: null,
    next_attempt_at: new Date(Date.now() + 600_000),
  }
  await shop.db('refunds').where('id', made.body.id).update(waiting)
  assert.equal(await metric('payment_refunds_overdue'), 1)
  const { body: listed } = await shop.pays(seller, 'GET', `/payments/${body.id}/refunds`)
  const [late] = listed.items
  assert.ok(late.lateInterest.amount > 700 && late.lateInterest.amount < 752, late.lateInterest.amount)
  assert.deepEqual(
    (await stuck()).refunds.map(({ id }: { id: string }) => id),
    [late.id],
  )
  assert.equal((await shop.pays(admin, 'POST', `/refunds/${late.id}/retries`)).status, 204)
  assert.deepEqual((await did(body.id))[0], ['refund.retried', admin.id])
})

test('an event that commerce refused too often is shown, and told again when a person says so', async () => {
  const orderId = await order()
  const { body } = await shop.pay(buyer, orderId)
  await shop.orderIs(buyer, orderId, 'PAID')
  await shop.allTold()
  const event = {
    type: 'payment.settled',
    data: { paymentId: body.id, orderId, outcome: 'failed', reason: 'none', release: false },
  }
  await shop.db('outbox').insert({
    id: 'evt_poison',
    target: 'commerce',
    event_key: orderId,
    body: JSON.stringify({ id: 'evt_poison', occurredAt: new Date().toISOString(), event }),
    due_at: new Date(),
    refusals: 20,
    set_aside_at: new Date(),
    last_error: 'commerce answered 400',
  })
  assert.equal(await metric('payment_outbox_set_aside'), 1)
  const [aside] = (await stuck()).events
  assert.deepEqual([aside.key, aside.type, aside.lastError], [orderId, 'payment.settled', 'commerce answered 400'])
  assert.equal((await shop.pays(admin, 'POST', `/events/${aside.seq}/retries`)).status, 204)
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, orderId)).state, 'PAID') // a paid order is not given up by a late failure
  assert.equal((await shop.pays(admin, 'POST', `/events/${aside.seq}/retries`)).status, 404)
})

test('everything that was set aside is taken up at once, by an admin only, and each is written down', async () => {
  const orderId = await order()
  const { body } = await shop.pay(buyer, orderId, withoutWord)
  await shop.paymentIs(buyer, body.id, 'UNKNOWN')
  const aside = new Date('9999-12-31T00:00:00.000Z')
  await shop
    .db('payments')
    .where('id', body.id)
    .update({ created_at: minutesAgo(9), charge_by: minutesAgo(5), next_attempt_at: aside, lease_owner: null })
  const event = { type: 'order.claimed', data: { paymentId: body.id, orderId: 'ord_aside' } }
  await shop.db('outbox').insert({
    id: 'evt_aside',
    target: 'commerce',
    event_key: 'ord_aside',
    body: JSON.stringify({ id: 'evt_aside', occurredAt: new Date().toISOString(), event }),
    due_at: new Date(),
    refusals: 20,
    set_aside_at: new Date(),
    last_error: 'commerce answered 500',
  })
  assert.equal((await shop.pays(seller, 'POST', '/stuck-payments/retries')).status, 403)
  const taken = await shop.pays(admin, 'POST', '/stuck-payments/retries')
  assert.deepEqual([taken.status, taken.body], [200, { payments: 1, refunds: 0, events: 1 }])
  await shop.paymentIs(buyer, body.id, 'CANCELED')
  await shop.allTold()
  assert.deepEqual((await did(body.id))[0], ['payment.retried', admin.id])
  const none = await shop.pays(admin, 'POST', '/stuck-payments/retries')
  assert.deepEqual(none.body, { payments: 0, refunds: 0, events: 0 })
})

test('metrics tell declines by code and the time of each verb, by gateway', async () => {
  const { body } = await shop.pay(buyer, await order(), '4000000000000002')
  await shop.paymentIs(buyer, body.id, 'DECLINED')
  const declined = { gateway: 'simulator', reason: 'card_declined', code: 'REJECT_CARD_COMPANY' }
  assert.equal(await metric('payment_declines_total', declined), 1)
  const asked = (verb: string, outcome: string) =>
    metric('payment_gateway_seconds_count', { gateway: 'simulator', verb, outcome })
  // a charge whose answer came too late is asked about: whichever call told of it, one did
  const told = await Promise.all(['approve', 'find'].map((verb) => asked(verb, 'DECLINED')))
  assert.equal((told[0] ?? 0) + (told[1] ?? 0), 1)
  assert.ok(Number(await asked('refund', 'REFUNDED')) > 0)
  assert.equal(await metric('payment_ledger_faults'), 0)
})
