/** The way of orders through the service: what its seller and its buyer do, are told, and may not do. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { aProduct, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'
import { confirmDelivered, openMissed } from './upkeep.ts'
import { forgetReleasedAddresses } from './order-address.ts'
import { tellRefundsAgain } from './refund-claim.ts'

const app = await startTestApp({
  UNPAID_ORDERS_PER_BUYER: '100',
  UNPAID_UNITS_PER_BUYER: '1000',
  SMTP_HOST: '127.0.0.1', // nobody listens there: mails stay in the outbox
  SMTP_PORT: '9',
  MAIL_FROM: 'shop@example.com',
})
const payment = playedPayment(app)
const [seller, buyer, stranger] = await Promise.all([
  signedIn(app.url, 'Seo'),
  signedIn(app.url, '민지'),
  signedIn(app.url, 'Cho'),
])
const day = 86_400_000
const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
const shipment = { carrier: 'CJ대한통운', trackingNumber: '1234-5678-9012' }
const key = () => ({ 'idempotency-key': randomUUID() })

async function reserved(quantity = 2) {
  const product = await aProduct(seller, { stock: 10, amount: 10_000 })
  const order = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity }, key())
  return { ...order, productId: product.id as string, id: order.id as string }
}
async function paid(quantity = 2, { withAddress = true } = {}) {
  const order = await reserved(quantity)
  if (withAddress) await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  return { ...order, paymentId: await payment.pay(order, buyer.id) }
}
async function delivered(quantity = 2) {
  const order = await paid(quantity)
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  return order
}
const wayOf = async (id: string) => (await buyer.expect(200, 'GET', `/fulfilments?orders=${id}`)).items[0]
const stockOf = async (id: string) => (await buyer.expect(200, 'GET', `/products/${id}`)).stock
const codeOf = async (who: typeof seller, method: string, path: string, body?: unknown) =>
  (await who.call(method, path, body)).body.code
/** The deps of jobs, at some time from now. */
const jobs = (laterMs = 0) => ({
  db: app.db,
  clock: () => new Date(Date.now() + laterMs),
  tell: () => undefined,
  shipped: () => Promise.resolve(),
})

test('a seller packs, ships and delivers; both hear of each step at once, without a word of the address', async () => {
  const order = await reserved()
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  await using atDesk = await EventReader.openAt(app.url, '/orders/events', { cookie: seller.cookie ?? '' })
  await using atHome = await EventReader.openAt(app.url, '/orders/events', { cookie: buyer.cookie ?? '' })
  await using elsewhere = await EventReader.openAt(app.url, '/orders/events', { cookie: stranger.cookie ?? '' })
  const heard = async (state: string) => {
    const [desk, home] = await Promise.all([atDesk.next('fulfilment'), atHome.next('fulfilment')])
    assert.deepEqual(desk.data, { orderId: order.id, state, as: 'seller' })
    assert.deepEqual(home.data, { orderId: order.id, state, as: 'buyer' })
  }
  await payment.pay(order, buyer.id)
  await heard('PAID')
  const { items } = await seller.expect(200, 'GET', '/sales?limit=1')
  const [sale] = items
  assert.deepEqual([sale.order.id, sale.buyerName, sale.fulfilment.address.recipient], [order.id, '민지', '김민지'])
  assert.deepEqual(sale.fulfilment.mayDo, ['prepare', 'ship', 'cancel'])
  await seller.expect(200, 'POST', `/sales/${order.id}/prepare`)
  await heard('PREPARING')
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  await heard('SHIPPED')
  const shipped = await wayOf(order.id)
  assert.deepEqual([shipped.carrier, shipped.trackingNumber], [shipment.carrier, shipment.trackingNumber])
  assert.match(shipped.trackingUrl, /cjlogistics.*=123456789012$/)
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  await heard('DELIVERED')
  const there = await wayOf(order.id)
  assert.equal(Date.parse(there.confirmsAt) - Date.parse(there.deliveredAt), 7 * day)
  assert.deepEqual(there.mayDo, ['confirm', 'return'])
  await buyer.expect(200, 'POST', `/orders/${order.id}/confirm`)
  await heard('CONFIRMED')
  assert.deepEqual((await wayOf(order.id)).mayDo, [])
  await app.redis.ping() // what was published before it has arrived
  assert.deepEqual(elsewhere.events, [])
  const { history } = await seller.expect(200, 'GET', `/sales/${order.id}`)
  assert.deepEqual(
    history.map(({ by, action, details }: Record<string, string>) => [by, action, details]),
    [
      ['seller', 'order.prepare', ''],
      ['seller', 'order.ship', 'CJ대한통운 1234-5678-9012'],
      ['seller', 'order.deliver', ''],
      ['buyer', 'order.confirm', ''],
    ],
  )
})

test('what is sent needs an address, which changes until it is on its way, and only its seller sends it', async () => {
  const order = await paid(1, { withAddress: false })
  assert.equal(await codeOf(seller, 'POST', `/sales/${order.id}/ship`, shipment), 'address_missing')
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  for (const deed of ['prepare', 'deliver', 'ship', 'cancel']) {
    const body = deed === 'ship' ? shipment : deed === 'cancel' ? { reason: 'no' } : undefined
    assert.equal(await codeOf(stranger, 'POST', `/sales/${order.id}/${deed}`, body), 'not_found')
    assert.equal(await codeOf(buyer, 'POST', `/sales/${order.id}/${deed}`, body), 'not_found')
  }
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  assert.equal(await codeOf(buyer, 'PUT', `/orders/${order.id}/address`, address), 'order_state')
  const corrected = await seller.expect(200, 'POST', `/sales/${order.id}/ship`, { ...shipment, trackingNumber: '0000' })
  assert.equal(corrected.fulfilment.trackingNumber, '0000')
  const mails = await app.db('mail_outbox').where({ kind: 'order_shipped', account_id: buyer.id, cause: order.id })
  assert.equal(mails.length, 1, 'a correction is no second mail')
  assert.equal(await codeOf(seller, 'POST', `/orders/${order.id}/confirm`), 'not_found')
})

test('pasted lines ship what they name and say what is wrong with the others', async () => {
  const [one, two, bare] = [await paid(), await paid(), await paid(1, { withAddress: false })]
  const text = [`${one.id},CJ,1111`, `${two.id}\t한진택배\t2222`, 'nonsense', `${bare.id},CJ,3333`, 'ord_none,CJ,4444']
  const { items } = await seller.expect(200, 'POST', '/sales/shipments', { text: text.join('\n') })
  assert.deepEqual(items, [
    { line: 1, orderId: one.id, code: null },
    { line: 2, orderId: two.id, code: null },
    { line: 3, orderId: 'nonsense', code: 'malformed' },
    { line: 4, orderId: bare.id, code: 'address_missing' },
    { line: 5, orderId: 'ord_none', code: 'not_found' },
  ])
  assert.equal((await wayOf(two.id)).trackingNumber, '2222')
  const theirs = await stranger.expect(200, 'POST', '/sales/shipments', { text: `${one.id},CJ,5555` })
  assert.equal(theirs.items[0].code, 'not_found')
  assert.equal((await wayOf(one.id)).trackingNumber, '1111')
  await seller.expect(400, 'POST', '/sales/shipments', { text: 'a\n'.repeat(501) })
})

test('the desk finds orders by state, number, tracking number, recipient, lateness and open claims', async () => {
  const [fresh, late, claimed] = [await paid(1), await paid(1), await delivered()]
  await buyer.expect(200, 'PUT', `/orders/${fresh.id}/address`, { ...address, recipient: '나_100%' })
  await app
    .db('fulfilments')
    .where('order_id', late.id)
    .update({ paid_at: new Date(Date.now() - 3 * day - 60_000) })
  const items = [{ productId: claimed.productId, quantity: 1 }]
  await buyer.expect(201, 'POST', `/orders/${claimed.id}/claims`, { kind: 'RETURN', items, reason: 'too small' })
  const found = async (query: string) =>
    (await seller.expect(200, 'GET', `/sales?limit=100&${query}`)).items.map(
      ({ order }: { order: { id: string } }) => order.id,
    )
  assert.deepEqual(await found('late=true'), [late.id])
  assert.deepEqual(await found('claims=open'), [claimed.id])
  assert.deepEqual(await found(`q=${encodeURIComponent('_100%')}`), [fresh.id])
  assert.deepEqual(await found(`q=${late.id}`), [late.id])
  assert.deepEqual(await found(`q=${encodeURIComponent('없는 이름')}`), [])
  assert.ok((await found('state=DELIVERED')).includes(claimed.id))
  assert.ok(!(await found('state=DELIVERED')).includes(fresh.id))
  const first = await seller.expect(200, 'GET', '/sales?limit=1')
  const second = await seller.expect(200, 'GET', `/sales?limit=1&cursor=${first.nextCursor}`)
  assert.ok(first.items[0].order.id > second.items[0].order.id)
})

test('labels and the pack list are CSV that no spreadsheet takes for formulas, of one’s own orders', async () => {
  const order = await paid(2)
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, { ...address, recipient: '=HYPERLINK("x")' })
  await seller.expect(200, 'POST', `/sales/${order.id}/prepare`)
  const labels = await seller.get('/sales/files/labels')
  assert.equal(labels.headers.get('content-type'), 'text/csv; charset=utf-8')
  assert.equal(labels.headers.get('cache-control'), 'no-store')
  assert.match(labels.body, new RegExp(`"${order.id}","'=HYPERLINK\\(""x""\\)","010-1234-5678","KR","06236"`))
  assert.match((await seller.get('/sales/files/pack-list')).body, new RegExp(`"Citron tea",2,"${order.id}"`))
  assert.ok(!(await stranger.get('/sales/files/labels')).body.includes(order.id))
})

test('nobody packs it yet: its buyer calls it off at once, and payment is asked for all that is left', async () => {
  const order = await paid()
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, {
    kind: 'CANCEL',
    reason: 'changed my mind',
  })
  const shipping = { amount: 0, currency: 'KRW' }
  assert.deepEqual([claim.state, claim.refund], ['DONE', { state: 'REQUESTED', amount: null, shipping, reason: null }])
  assert.equal((await wayOf(order.id)).state, 'CANCELED')
  const asked = (await payment.heard(order.id)).filter(({ type }) => type === 'order.refund_requested')
  const actor = { id: buyer.id, role: 'seller' } // every account may sell
  const data = { orderId: order.id, paymentId: order.paymentId, claimId: claim.id, amount: null, restock: true, actor }
  assert.deepEqual(asked, [{ type: 'order.refund_requested', data }])
  assert.equal(await codeOf(seller, 'POST', `/sales/${order.id}/ship`, shipment), 'order_state')
  const back = { refunded: order.total, remaining: { ...order.total, amount: 0 }, restock: true, claimId: claim.id }
  await payment.tell({ type: 'payment.refunded', data: { orderId: order.id, paymentId: order.paymentId, ...back } })
  assert.equal((await wayOf(order.id)).claims[0].refund.state, 'DONE')
  assert.equal(await stockOf(order.productId), 10)
})

test('what is packed already is called off by its seller only, who may say no, and then it is shipped', async () => {
  const order = await paid()
  await seller.expect(200, 'POST', `/sales/${order.id}/prepare`)
  const asked = { kind: 'CANCEL', reason: 'changed my mind' }
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, asked)
  assert.equal(claim.state, 'REQUESTED')
  assert.equal(await codeOf(buyer, 'POST', `/orders/${order.id}/claims`, asked), 'claim_open')
  assert.equal(await codeOf(seller, 'POST', `/sales/${order.id}/ship`, shipment), 'claim_open')
  assert.equal(await codeOf(buyer, 'POST', `/claims/${claim.id}/complete`, { restock: true }), 'not_found')
  assert.equal(await codeOf(seller, 'POST', `/claims/${claim.id}/collect`), 'claim_state')
  const refused = await seller.expect(200, 'POST', `/claims/${claim.id}/reject`, { answer: 'it has left' })
  assert.deepEqual([refused.state, refused.answer, refused.refund], ['REJECTED', 'it has left', null])
  const again = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, asked)
  await buyer.expect(200, 'POST', `/claims/${again.id}/withdraw`)
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  assert.deepEqual(
    (await payment.heard(order.id)).filter(({ type }) => type === 'order.refund_requested'),
    [],
  )
})

test('units come back once: of two sellers’ presses one is taken, and no more can be asked than is left', async () => {
  const order = await delivered(2)
  const ask = (quantity: number) =>
    buyer.call('POST', `/orders/${order.id}/claims`, {
      kind: 'RETURN',
      items: [{ productId: order.productId, quantity }],
      reason: 'broken',
    })
  assert.equal((await ask(3)).body.code, 'too_many_units')
  const claim = (await ask(1)).body
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  assert.equal(await codeOf(buyer, 'POST', `/claims/${claim.id}/withdraw`), 'claim_state')
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => seller.post(`/claims/${claim.id}/complete`, { restock: true })),
  )
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409, 409],
  )
  assert.equal(await stockOf(order.productId), 9)
  const asked = (await payment.heard(order.id)).filter(({ type }) => type === 'order.refund_requested')
  assert.equal(asked.length, 1)
  assert.ok(asked[0]?.type === 'order.refund_requested')
  assert.deepEqual([asked[0].data.amount, asked[0].data.restock], [{ amount: 10_000, currency: 'KRW' }, false])
  assert.equal((await ask(2)).body.code, 'too_many_units')
  const last = (await ask(1)).body
  await seller.expect(200, 'POST', `/claims/${last.id}/collect`)
  await seller.expect(200, 'POST', `/claims/${last.id}/complete`, { restock: false })
  assert.equal(await stockOf(order.productId), 9)
  assert.equal((await wayOf(order.id)).state, 'RETURNED')
})

test('units that a return put on sale are not put there again when the rest of the money goes back by hand', async () => {
  const order = await delivered(2)
  const items = [{ productId: order.productId, quantity: 1 }]
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, {
    kind: 'RETURN',
    items,
    reason: 'broken',
  })
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock: true })
  const won = (amount: number) => ({ amount, currency: 'KRW' })
  const of = { orderId: order.id, paymentId: order.paymentId }
  const half = { refunded: won(10_000), remaining: won(10_000), restock: false, claimId: claim.id }
  await payment.tell({ type: 'payment.refunded', data: { ...of, ...half } })
  await payment.tell({
    type: 'payment.refunded',
    data: { ...of, refunded: won(10_000), remaining: won(0), restock: true },
  })
  assert.equal(await stockOf(order.productId), 10)
  assert.equal((await wayOf(order.id)).state, 'RETURNED')
})

test('a refund that cannot be given says why, and one that nobody answers is asked for again', async () => {
  const order = await paid()
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, { kind: 'CANCEL', reason: 'no' })
  const asked = async () =>
    (await payment.heard(order.id)).filter(({ type }) => type === 'order.refund_requested').length
  assert.equal(await tellRefundsAgain(app.db, new Date(Date.now() + 60_000)), 0)
  assert.ok((await tellRefundsAgain(app.db, new Date(Date.now() + 11 * 60_000))) > 0)
  assert.equal(await asked(), 2)
  const failed = { orderId: order.id, paymentId: order.paymentId, claimId: claim.id, reason: 'NOT_CANCELABLE_PAYMENT' }
  await payment.tell({ type: 'payment.refund_failed', data: failed })
  const { refund } = (await wayOf(order.id)).claims[0]
  assert.deepEqual([refund.state, refund.reason], ['FAILED', 'NOT_CANCELABLE_PAYMENT'])
  await tellRefundsAgain(app.db, new Date(Date.now() + 60 * 60_000))
  assert.equal(await asked(), 2)
})

test('a week after delivery an order counts as confirmed, unless something of it is being sent back', async () => {
  const [kept, claimed] = [await delivered(), await delivered()]
  const items = [{ productId: claimed.productId, quantity: 1 }]
  await buyer.expect(201, 'POST', `/orders/${claimed.id}/claims`, { kind: 'RETURN', items, reason: 'late' })
  assert.equal(await codeOf(buyer, 'POST', `/orders/${claimed.id}/confirm`), 'claim_open')
  await confirmDelivered(jobs(7 * day - 60_000))
  assert.equal((await wayOf(kept.id)).state, 'DELIVERED')
  await confirmDelivered(jobs(7 * day + 1_000))
  assert.deepEqual([(await wayOf(kept.id)).state, (await wayOf(claimed.id)).state], ['CONFIRMED', 'DELIVERED'])
  const past = new Date(Date.now() - 7 * day - 1_000)
  const late = await delivered()
  await app.db('fulfilments').where('order_id', late.id).update({ delivered_at: past })
  const asked = { kind: 'RETURN', items: [{ productId: late.productId, quantity: 1 }], reason: 'too late' }
  assert.equal(await codeOf(buyer, 'POST', `/orders/${late.id}/claims`, asked), 'order_state')
})

test('what a process of the version before was paid for is taken up, once', async () => {
  const order = await paid()
  await app.db('fulfilments').where('order_id', order.id).delete()
  assert.ok((await openMissed(app.db, new Date())) >= 1)
  assert.equal((await wayOf(order.id)).state, 'PAID')
  assert.equal(await openMissed(app.db, new Date()), 0)
})

test('where a released order would have gone is forgotten after a day; what was paid for keeps it', async () => {
  const [gone, kept] = [await reserved(), await paid()]
  await buyer.expect(200, 'PUT', `/orders/${gone.id}/address`, address)
  await buyer.expect(200, 'POST', `/orders/${gone.id}/cancel`)
  await forgetReleasedAddresses(app.db, new Date())
  assert.notEqual((await wayOf(gone.id)).address, null)
  await forgetReleasedAddresses(app.db, new Date(Date.now() + day + 60_000))
  assert.equal((await wayOf(gone.id)).address, null)
  assert.notEqual((await wayOf(kept.id)).address, null)
})
