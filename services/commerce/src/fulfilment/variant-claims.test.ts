/** What was bought of a product in variants, on its way and back. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { factsOfOrder } from '../orders/mail-facts.ts'
import { aShirt, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const payment = playedPayment(app)
const [seller, buyer] = await Promise.all([signedIn(app.url, 'Seo'), signedIn(app.url, '민지')])
const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
const shipment = { carrier: 'CJ대한통운', trackingNumber: '1234-5678-9012' }

/** One shirt in red M at 20,000 won and one in red L at 22,000, paid for. */
async function paid() {
  const { product, ids } = await aShirt(seller)
  const items = ids.slice(0, 2).map((variantId) => ({ productId: product.id, variantId, quantity: 1 }))
  const order = await buyer.expect(201, 'POST', '/orders', { items }, { 'idempotency-key': randomUUID() })
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  await payment.pay(order, buyer.id)
  return { order, product, ids }
}

test('one of two variants is sent back: its price is asked back, and its own unit is on sale again', async () => {
  const { order, product, ids } = await paid()
  const [redM = '', redL = ''] = ids
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  const ask = (status: number, item: object) =>
    buyer.expect(status, 'POST', `/orders/${order.id}/claims`, { kind: 'RETURN', items: [item], reason: 'too small' })
  await ask(409, { productId: product.id, quantity: 1 }) // which of them nobody said
  const claim = await ask(201, { productId: product.id, variantId: redL, quantity: 1 })
  assert.deepEqual(claim.items, [{ productId: product.id, variantId: redL, quantity: 1 }])
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  const done = await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock: true })
  assert.deepEqual(done.refund.amount, { amount: 22_000, currency: 'KRW' })
  const left: { id: string; stock: number }[] = await app
    .db('product_stock')
    .whereIn('product_id', [redM, redL])
    .select('product_id as id', 'stock')
  const stocks = new Map(left.map(({ id, stock }) => [id, stock]))
  assert.deepEqual([stocks.get(redM), stocks.get(redL)], [3, 4])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('the desk, its files and mails say which variant it was', async () => {
  const { order, ids } = await paid()
  await seller.expect(200, 'POST', `/sales/${order.id}/prepare`)
  const sale = await seller.expect(200, 'GET', `/sales/${order.id}`)
  assert.deepEqual(
    sale.order.items.map(({ options }: { options: { value: string }[] }) => options.map(({ value }) => value).join()),
    ['빨강,M', '빨강,L'],
  )
  const read = async (kind: string) => String((await seller.get(`/sales/files/${kind}`)).body)
  const packList = await read('pack-list')
  for (const text of ['Shirt (빨강 / M)', 'Shirt (빨강 / L)', ...ids.slice(0, 2)])
    assert.ok(packList.includes(text), text)
  assert.ok((await read('labels')).includes('Shirt (빨강 / M) × 1'))
  const facts = await factsOfOrder(app.db)(order.id)
  assert.deepEqual(
    facts?.items.map(({ name }) => name),
    ['Shirt (빨강 / M)', 'Shirt (빨강 / L)'],
  )
})
