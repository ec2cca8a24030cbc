/** What was sold over some days, as a file. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { readCsv } from '../read-csv.ts'
import { unguarded } from '../csv.ts'
import { aProduct, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const payment = playedPayment(app)
const [seller, buyer, stranger] = await Promise.all([signedIn(app.url), signedIn(app.url), signedIn(app.url)])

async function paid(name: string, quantity: number) {
  const product = await aProduct(seller, { name, amount: 10_000 })
  const body = { productId: product.id, quantity }
  const order = await buyer.expect(201, 'POST', '/orders', body, { 'idempotency-key': randomUUID() })
  return { id: order.id as string, total: order.total, paymentId: await payment.pay(order, buyer.id) }
}
const paidAt = (id: string, at: string) =>
  app
    .db('fulfilments')
    .where('order_id', id)
    .update({ paid_at: new Date(at) })

async function rowsOf(query: string, as = seller): Promise<Record<string, string>[]> {
  const { status, body, headers } = await as.get(`/sales.csv?${query}`)
  assert.equal(status, 200)
  assert.equal(headers.get('cache-control'), 'no-store')
  const read = readCsv(body, { rowsMax: 100 })
  if ('rule' in read) return []
  return read.rows.map(({ cells }) =>
    Object.fromEntries(cells.map((cell, n) => [read.header[n] ?? '', unguarded(cell)])),
  )
}

const dayInKorea = (laterMs: number) => new Date(Date.now() + 9 * 3_600_000 + laterMs).toISOString().slice(0, 10)
const [today, tomorrow] = [dayInKorea(0), dayInKorea(86_400_000)]

test('each sale has what its goods, coupon and sending cost, what went back and what is left', async () => {
  const order = await paid('=1+1', 2)
  const back = { refunded: { amount: 5_000, currency: 'KRW' }, remaining: { amount: 15_000, currency: 'KRW' } }
  const { paymentId } = order
  await payment.tell({
    type: 'payment.refunded',
    data: { orderId: order.id, paymentId, ...back, restock: false, claimId: null },
  })
  const days = `from=${today}&to=${tomorrow}` // it may be past midnight in Korea by now
  const row = (await rowsOf(days)).find((each) => each['주문번호'] === order.id)
  const { 주문번호, 결제번호, ...rest } = row ?? {}
  assert.deepEqual([주문번호, 결제번호], [order.id, paymentId])
  assert.match(rest['결제일시(KST)'] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  assert.deepEqual(
    { ...rest, '결제일시(KST)': '' },
    {
      '결제일시(KST)': '',
      '주문 상태': 'PARTIALLY_REFUNDED',
      '배송 상태': 'PAID',
      방송번호: '',
      상품: '=1+1 × 2',
      수량: '2',
      통화: 'KRW',
      상품금액: '20000',
      할인: '0',
      배송비: '0',
      결제금액: '20000',
      환불금액: '5000',
      남은금액: '15000',
    },
  )
  assert.ok((await seller.get(`/sales.csv?${days}`)).body.includes(`"'=1+1 × 2"`))
})

test('days are Korea’s, both ends among them, and only its seller reads a sale', async () => {
  const order = await paid('Cup', 1)
  const has = async (query: string, as = seller) =>
    (await rowsOf(query, as)).some((row) => row['주문번호'] === order.id)
  await paidAt(order.id, `${today}T23:59:59+09:00`)
  assert.equal(await has(`from=${today}&to=${today}`), true)
  assert.equal(await has(`from=${tomorrow}&to=${tomorrow}`), false)
  await paidAt(order.id, `${tomorrow}T00:00:00+09:00`)
  assert.equal(await has(`from=${today}&to=${today}`), false)
  assert.equal(await has(`from=${tomorrow}&to=${tomorrow}`), true)
  assert.equal(await has(`from=${today}&to=${tomorrow}&state=SHIPPED`), false)
  assert.equal(await has(`from=${today}&to=${tomorrow}&state=PAID`), true)
  assert.equal(await has(`from=${today}&to=${tomorrow}`, stranger), false)
})

test('a day to a year is asked for', async () => {
  for (const query of ['from=2026-01-02&to=2026-01-01', 'from=2024-01-01&to=2026-01-01', 'from=today&to=today', '']) {
    await seller.expect(400, 'GET', `/sales.csv?${query}`)
  }
  await app.anonymous.expect(401, 'GET', `/sales.csv?from=${today}&to=${today}`)
})
