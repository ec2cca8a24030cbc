/** What sending costs, from the seller's rule to what is paid, through the service. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { booksPositionAt, checkRecentBooks } from '../inventory/recent-books.ts'
import { aBroadcast, aProduct, aShirt, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ UNPAID_ORDERS_PER_BUYER: '100', UNPAID_UNITS_PER_BUYER: '1000' })
const payment = playedPayment(app)
const [seller, other] = await Promise.all([signedIn(app.url, 'Seo'), signedIn(app.url, 'Han')])

const won = (amount: number) => ({ amount, currency: 'KRW' })
const rule = { fee: won(3_000), freeOver: won(50_000), remoteSurcharge: won(4_000), showCap: null as unknown }
const setRule = (over: Partial<typeof rule> | null = {}, who = seller) =>
  who.expect(200, 'PUT', '/accounts/me/shipping', { rule: over && { ...rule, ...over } })
const key = () => ({ 'idempotency-key': randomUUID() })
const home = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
const jeju = { ...home, postalCode: '63122', roadAddress: '첨단로 242' }
const aBuyer = () => signedIn(app.url, '민지')

test('a seller says what sending costs, everybody sees it, and amounts are in one currency', async () => {
  assert.deepEqual(await app.anonymous.expect(200, 'GET', `/sellers/${other.id}/shipping`), { rule: null })
  await setRule({}, other)
  assert.deepEqual(await app.anonymous.expect(200, 'GET', `/sellers/${other.id}/shipping`), { rule })
  const odd = { rule: { ...rule, showCap: { amount: 3, currency: 'USD' } } }
  assert.equal((await other.call('PUT', '/accounts/me/shipping', odd)).body.errors[0].path, 'rule.showCap.currency')
  await setRule(null, other)
  assert.deepEqual(await app.anonymous.expect(200, 'GET', `/sellers/${other.id}/shipping`), { rule: null })
})

test('the total has what sending costs, a quote says the same before, and another total reserves nothing', async () => {
  await setRule()
  const [product, buyer] = await Promise.all([aProduct(seller, { stock: 20, amount: 10_000 }), aBuyer()])
  const asked = { productId: product.id, quantity: 2 }
  const quote = await buyer.expect(200, 'POST', '/order-quotes', asked)
  const sums = { goods: won(20_000), shipping: won(3_000), discount: won(0), total: won(23_000) }
  assert.deepEqual(quote, { ...sums, isRemote: false, rule })
  const refused = await buyer.call('POST', '/orders', { ...asked, expectedTotal: won(20_000) }, key())
  assert.deepEqual([refused.status, refused.body.code, refused.body.total], [409, 'price_changed', won(23_000)])
  const order = await buyer.expect(201, 'POST', '/orders', { ...asked, expectedTotal: quote.total }, key())
  assert.deepEqual([order.total, order.shipping, order.items[0].unitPrice], [won(23_000), won(3_000), won(10_000)])
  assert.deepEqual(await buyer.expect(200, 'GET', `/orders/${order.id}`), order)
  const free = await buyer.expect(201, 'POST', '/orders', { ...asked, quantity: 5, expectedTotal: won(50_000) }, key())
  assert.deepEqual(free.shipping, won(0))
})

test('a seller without a rule, a rule of another currency and what is not sent: nothing changes for anybody', async () => {
  const buyer = await aBuyer()
  const [plain, ticket] = await Promise.all([
    aProduct(other, { amount: 10_000 }),
    seller.expect(201, 'POST', '/products', { name: 'Ticket', price: won(10_000), stock: 5, requiresShipping: false }),
  ])
  const usd = await seller.expect(201, 'POST', '/products', {
    name: 'Mug',
    price: { amount: 1_000, currency: 'USD' },
    stock: 5,
  })
  await setRule()
  for (const [{ id: productId }, amount, currency] of [
    [plain, 10_000, 'KRW'],
    [ticket, 10_000, 'KRW'],
    [usd, 1_000, 'USD'],
  ] as const) {
    const expectedTotal = { amount, currency }
    const order = await buyer.expect(
      201,
      'POST',
      '/orders',
      { productId, quantity: 1, expectedTotal, address: jeju },
      key(),
    )
    assert.deepEqual(order.shipping, { amount: 0, currency })
  }
})

test('baskets and variants cost one fee, of what is sent alone, and the books add up', async () => {
  await setRule()
  const buyer = await aBuyer()
  const [tea, ticket, shirt] = await Promise.all([
    aProduct(seller, { amount: 20_000 }),
    seller.expect(201, 'POST', '/products', { name: 'Ticket', price: won(40_000), stock: 5, requiresShipping: false }),
    aShirt(seller),
  ])
  const items = [
    { productId: tea.id, quantity: 1 },
    { productId: ticket.id, quantity: 1 },
  ]
  const total = won(63_000)
  assert.deepEqual((await buyer.expect(200, 'POST', '/order-quotes', { items })).total, total)
  const order = await buyer.expect(201, 'POST', '/orders', { items, expectedTotal: total }, key())
  assert.deepEqual([order.shipping, order.total], [won(3_000), total])
  const variant = { productId: shirt.product.id, variantId: shirt.ids[1], quantity: 1 }
  assert.deepEqual((await buyer.expect(200, 'POST', '/order-quotes', variant)).total, won(25_000))
  const worn = await buyer.expect(201, 'POST', '/orders', { ...variant, expectedTotal: won(25_000) }, key())
  assert.deepEqual([worn.shipping, worn.items[0].unitPrice], [won(3_000), won(22_000)])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
  const from = await booksPositionAt(app.db, Date.now(), 900_000)
  const step = await checkRecentBooks(app.db, from, { now: Date.now() + 120_000, settledMs: 0 })
  assert.deepEqual(step.faults, [])
})

test('an order that says where it goes costs what that does, and needs no word of it again', async () => {
  await setRule()
  const [product, buyer] = await Promise.all([aProduct(seller, { amount: 10_000 }), aBuyer()])
  const asked = { productId: product.id, quantity: 1 }
  const withoutBook = await buyer.expect(200, 'POST', '/order-quotes', { ...asked, address: { default: true } })
  assert.deepEqual([withoutBook.total, withoutBook.isRemote], [won(13_000), false])
  await buyer.expect(201, 'POST', '/account/addresses', { ...jeju, isDefault: true })
  const wanted = { ...asked, address: { default: true } }
  const quote = await buyer.expect(200, 'POST', '/order-quotes', wanted)
  assert.deepEqual([quote.total, quote.isRemote], [won(17_000), true])
  const sameKey = key()
  const body = { ...wanted, expectedTotal: quote.total }
  const order = await buyer.expect(201, 'POST', '/orders', body, sameKey)
  assert.deepEqual(order.shipping, won(7_000))
  const addressOf = async () => (await buyer.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items[0].address
  assert.equal((await addressOf()).postalCode, '63122')
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, { ...jeju, recipient: '이준' })
  assert.deepEqual(await buyer.expect(201, 'POST', '/orders', body, sameKey), order)
  assert.equal((await addressOf()).recipient, '이준', 'the same request again takes nothing back')
  const stranger = { ...asked, address: { addressId: 'adr_nobodys' } }
  assert.equal((await buyer.call('POST', '/orders', stranger, key())).body.code, 'not_found')
})

test('until it is being paid an order costs what sending it to its address does, by the terms it was made by', async () => {
  await setRule()
  const [product, buyer] = await Promise.all([aProduct(seller, { amount: 10_000 }), aBuyer()])
  const asked = { productId: product.id, quantity: 1, expectedTotal: won(13_000) }
  const sameKey = key()
  const order = await buyer.expect(201, 'POST', '/orders', asked, sameKey)
  await setRule({ fee: won(9_000), remoteSurcharge: won(9_000) })
  const totalAt = async (address: typeof home) => {
    await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
    return (await buyer.expect(200, 'GET', `/orders/${order.id}`)).total
  }
  assert.deepEqual(await totalAt(jeju), won(17_000))
  const again = await buyer.expect(201, 'POST', '/orders', asked, sameKey)
  assert.deepEqual([again.id, again.total], [order.id, won(17_000)], 'the same request is known by what it agreed to')
  const otherTotal = await buyer.call('POST', '/orders', { ...asked, expectedTotal: won(17_000) }, sameKey)
  assert.equal(otherTotal.body.code, 'idempotency_key_reused')
  assert.deepEqual(await totalAt(home), won(13_000))
  assert.deepEqual(await totalAt(jeju), won(17_000))
  await payment.pay({ id: order.id, total: won(17_000) }, buyer.id)
  assert.equal((await buyer.expect(200, 'GET', `/orders/${order.id}`)).state, 'PAID')
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, { ...jeju, postalCode: '63000' })
  const back = await buyer.call('PUT', `/orders/${order.id}/address`, home)
  assert.deepEqual([back.status, back.body.code, back.body.total], [409, 'shipping_differs', won(13_000)])
  await setRule()
})

test('an order that is being paid, or was paid without an address, goes to no area that costs more', async () => {
  await setRule()
  const [product, buyer] = await Promise.all([aProduct(seller, { amount: 10_000 }), aBuyer()])
  const order = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key())
  await app.db('orders').where('id', order.id).update({ payment_id: 'pay_1', claimed_at: new Date() })
  const put = (address: typeof home) => buyer.call('PUT', `/orders/${order.id}/address`, address)
  assert.equal((await put(jeju)).body.code, 'shipping_differs')
  await app.db('orders').where('id', order.id).update({ payment_id: null, claimed_at: null })
  await payment.pay(order, buyer.id)
  assert.equal((await put(jeju)).body.code, 'shipping_differs')
  assert.equal((await put(home)).status, 200)
  assert.equal((await buyer.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items[0].address.postalCode, '06236')
})

test('addresses and claims race: what is paid is always the total that the claim was told', async () => {
  await setRule()
  const [product, buyer] = await Promise.all([aProduct(seller, { stock: 40, amount: 10_000 }), aBuyer()])
  for (let n = 0; n < 20; n += 1) {
    const order = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key())
    const [moved, claimed] = await Promise.all([
      buyer.call('PUT', `/orders/${order.id}/address`, jeju),
      payment.claim(order.id, buyer.id),
    ])
    const { total } = await buyer.expect(200, 'GET', `/orders/${order.id}`)
    assert.deepEqual(claimed.order.total, total)
    assert.deepEqual(total, moved.status === 200 ? won(17_000) : won(13_000))
  }
})

test('in a show a buyer pays up to the cap, whatever is paid first, and others pay for themselves', async () => {
  await setRule({ showCap: won(3_000) })
  const products = await Promise.all([10_000, 20_000, 30_000].map((amount) => aProduct(seller, { amount })))
  const show = await aBroadcast(
    seller,
    products.map(({ id }) => id),
  )
  const [buyer, neighbour] = await Promise.all([aBuyer(), aBuyer()])
  const order = async (who: typeof buyer, n: number, broadcastId?: string) =>
    await who.expect(201, 'POST', '/orders', { productId: products[n]?.id, quantity: 1, broadcastId }, key())
  const shippingOf = async (id: string) => (await buyer.expect(200, 'GET', `/orders/${id}`)).shipping
  const [first, waiting] = [await order(buyer, 0, show.id), await order(buyer, 1, show.id)]
  assert.deepEqual([first.shipping, waiting.shipping], [won(3_000), won(3_000)], 'neither is paid for')
  await payment.pay(first, buyer.id)
  const lowered = await buyer.expect(200, 'GET', `/orders/${waiting.id}`)
  assert.deepEqual([lowered.shipping, lowered.total], [won(0), won(20_000)])
  const quote = { productId: products[2]?.id, quantity: 1, broadcastId: show.id }
  assert.deepEqual((await buyer.expect(200, 'POST', '/order-quotes', quote)).shipping, won(0))
  const basket = {
    items: [1, 2].map((n) => ({ productId: products[n]?.id, quantity: 1 })),
    broadcastId: show.id,
  }
  assert.deepEqual((await buyer.expect(201, 'POST', '/orders', basket, key())).shipping, won(0))
  assert.deepEqual((await order(buyer, 2, show.id)).shipping, won(0))
  assert.deepEqual((await order(buyer, 2)).shipping, won(3_000), 'of no show')
  assert.deepEqual((await order(neighbour, 2, show.id)).shipping, won(3_000))
  await buyer.expect(200, 'PUT', `/orders/${waiting.id}/address`, jeju)
  assert.deepEqual(await shippingOf(waiting.id), won(4_000), 'what Jeju costs more comes on top once')
  await payment.pay({ id: waiting.id, total: won(24_000) }, buyer.id)
  assert.deepEqual((await buyer.expect(200, 'POST', '/order-quotes', { ...quote, address: jeju })).shipping, won(0))
  await setRule()
})

test('an order that is given back unpaid took no other one along', async () => {
  await setRule({ showCap: won(3_000) })
  const [product, buyer] = await Promise.all([aProduct(seller, { amount: 10_000 }), aBuyer()])
  const show = await seller.expect(200, 'GET', `/broadcasts?seller=${seller.id}`)
  const broadcastId = show.items[0].id
  await seller.expect(200, 'PUT', `/broadcasts/${broadcastId}/products`, { items: [{ productId: product.id }] })
  const order = () => buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1, broadcastId }, key())
  const [first, second] = [await order(), await order()]
  await buyer.expect(200, 'POST', `/orders/${first.id}/cancel`)
  assert.deepEqual((await buyer.expect(200, 'GET', `/orders/${second.id}`)).shipping, won(3_000))
  await setRule()
})
