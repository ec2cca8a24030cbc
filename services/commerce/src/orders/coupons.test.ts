/** Coupons through the service: made known, used, refused, given back or kept, and what is refunded of an order that had one. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { aProduct, aShirt, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ UNPAID_ORDERS_PER_BUYER: '100', UNPAID_UNITS_PER_BUYER: '1000' })
const payment = playedPayment(app)
const [seller, other] = await Promise.all([signedIn(app.url, 'Seo'), signedIn(app.url, 'Han')])
const aBuyer = () => signedIn(app.url, '민지')
const won = (amount: number) => ({ amount, currency: 'KRW' })
const key = () => ({ 'idempotency-key': randomUUID() })
const hour = 3_600_000
const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const wanted = (over: Record<string, unknown> = {}) => ({
  name: '오픈 기념',
  code: null,
  minimum: won(0),
  amount: won(2_000),
  percent: null,
  maxDiscount: null,
  startsAt: at(-hour),
  endsAt: at(hour),
  total: null,
  backOnRefund: false,
  ...over,
})
const aCoupon = (over: Record<string, unknown> = {}, who = seller) => who.expect(201, 'POST', '/coupons', wanted(over))
const newCode = () => `C-${randomUUID().slice(0, 8).toUpperCase()}`

test('a seller makes coupons known: those without a code are shown to everybody, those with one are not', async () => {
  const code = newCode()
  const [open, secret] = [await aCoupon({ total: 5 }), await aCoupon({ code: code.toLowerCase() })]
  assert.deepEqual([open.used, open.total, secret.code], [0, 5, code])
  const shown = (await app.anonymous.expect(200, 'GET', `/sellers/${seller.id}/coupons`)).items
  const ids = shown.map(({ id }: { id: string }) => id)
  assert.deepEqual([ids.includes(open.id), ids.includes(secret.id)], [true, false])
  assert.equal((await seller.call('POST', '/coupons', wanted({ code }))).body.code, 'coupon_code_taken')
  assert.equal((await aCoupon({ code }, other)).code, code, 'another seller’s')
  assert.equal((await seller.call('POST', '/coupons', wanted({ isPlatform: true }))).status, 403)
  assert.equal((await other.call('POST', `/coupons/${open.id}/end`)).status, 404)
  assert.ok(Date.parse((await seller.expect(200, 'POST', `/coupons/${open.id}/end`)).endsAt) <= Date.now())
})

test('what makes no coupon is refused by its field', async () => {
  for (const [over, path] of [
    [{ percent: 10 }, 'percent'],
    [{ amount: null }, 'percent'],
    [{ maxDiscount: won(1) }, 'maxDiscount'],
    [{ amount: { amount: 1, currency: 'USD' } }, 'amount.currency'],
    [{ endsAt: at(-2 * hour) }, 'endsAt'],
    [{ code: 'a b' }, 'code'],
    [{ endsAt: '9999-01-01T00:00:00Z' }, 'endsAt'],
    [{ startsAt: '0001-01-01T00:00:00Z' }, 'startsAt'],
    [{ amount: won(0) }, 'amount.amount'],
  ] as const) {
    const { status, body } = await seller.call('POST', '/coupons', wanted(over))
    assert.deepEqual([status, body.errors?.[0].path], [400, path])
  }
})

test('a coupon takes its part off the goods, as the quote said, and another total reserves nothing', async () => {
  await seller.expect(200, 'PUT', '/accounts/me/shipping', {
    rule: { fee: won(3_000), freeOver: won(20_000), remoteSurcharge: won(0), showCap: null },
  })
  const [product, buyer] = await Promise.all([aProduct(seller, { stock: 20, amount: 10_000 }), aBuyer()])
  const code = newCode()
  await aCoupon({ code, amount: null, percent: 15, maxDiscount: won(1_200), minimum: won(10_000) })
  const asked = { productId: product.id, quantity: 1, coupon: { code } }
  const quote = await buyer.expect(200, 'POST', '/order-quotes', asked)
  assert.deepEqual([quote.goods, quote.discount, quote.shipping, quote.total], [10_000, 1_200, 3_000, 11_800].map(won))
  const refused = await buyer.call('POST', '/orders', { ...asked, expectedTotal: won(13_000) }, key())
  assert.deepEqual([refused.body.code, refused.body.total], ['price_changed', won(11_800)])
  const sameKey = key()
  const order = await buyer.expect(201, 'POST', '/orders', { ...asked, expectedTotal: quote.total }, sameKey)
  assert.deepEqual([order.total, order.discount, order.items[0].unitPrice], [won(11_800), won(1_200), won(10_000)])
  assert.deepEqual(await buyer.expect(201, 'POST', '/orders', { ...asked, expectedTotal: quote.total }, sameKey), order)
  await payment.pay(order, buyer.id)
  assert.equal((await buyer.expect(200, 'GET', `/orders/${order.id}`)).state, 'PAID')
  await seller.expect(200, 'PUT', '/accounts/me/shipping', { rule: null })
})

test('each reason to refuse a coupon has its code, for a quote and for an order, and nothing is reserved', async () => {
  const [product, foreign, buyer] = await Promise.all([
    aProduct(seller, { stock: 20, amount: 10_000 }),
    aProduct(other, { stock: 20, amount: 10_000 }),
    aBuyer(),
  ])
  const [theirs, early, late, large, single, secret] = await Promise.all([
    aCoupon(),
    aCoupon({ startsAt: at(hour), endsAt: at(2 * hour) }),
    aCoupon({ startsAt: at(-2 * hour), endsAt: at(-hour) }),
    aCoupon({ minimum: won(10_001) }),
    aCoupon({ total: 1 }),
    aCoupon({ code: newCode() }),
  ])
  const use = (who: typeof buyer, coupon: object, productId = product.id) =>
    who.call('POST', '/orders', { productId, quantity: 1, coupon }, key())
  assert.equal((await use(await aBuyer(), { id: single.id })).status, 201)
  for (const [coupon, productId, code] of [
    [{ code: 'NOBODYS' }, product.id, 'coupon_not_found'],
    [{ id: secret.id }, product.id, 'coupon_not_found'],
    [{ id: theirs.id }, foreign.id, 'coupon_not_found'],
    [{ id: early.id }, product.id, 'coupon_not_now'],
    [{ id: late.id }, product.id, 'coupon_not_now'],
    [{ id: large.id }, product.id, 'coupon_minimum'],
    [{ id: single.id }, product.id, 'coupon_used_up'],
  ] as const) {
    const { status, body } = await use(buyer, coupon, productId)
    assert.deepEqual([status, body.code], [409, code])
    const quote = await buyer.call('POST', '/order-quotes', { productId, quantity: 1, coupon })
    assert.deepEqual([quote.status, quote.body.code], [409, code])
  }
  assert.equal((await buyer.expect(200, 'GET', `/products/${product.id}`)).stock, 19)
  const forever = await aCoupon({ endsAt: '2060-01-01T00:00:00Z' })
  assert.equal((await use(buyer, { id: forever.id })).status, 201)
  assert.equal((await use(buyer, { id: theirs.id })).status, 201)
  assert.equal((await use(buyer, { id: theirs.id })).body.code, 'coupon_used')
})

test('a buyer who cancels may use it again; a refund keeps or gives back the use, as the coupon says', async () => {
  const [product, buyer] = await Promise.all([aProduct(seller, { stock: 20, amount: 10_000 }), aBuyer()])
  const place = async (coupon: string) =>
    await buyer.call('POST', '/orders', { productId: product.id, quantity: 1, coupon: { id: coupon } }, key())
  for (const backOnRefund of [false, true]) {
    const coupon = await aCoupon({ total: 1, backOnRefund })
    const first = await place(coupon.id)
    assert.equal((await place(coupon.id)).body.code, 'coupon_used')
    await buyer.expect(200, 'POST', `/orders/${first.body.id}/cancel`)
    const { body: order } = await place(coupon.id)
    const paymentId = await payment.pay(order, buyer.id)
    const refunded = { orderId: order.id, paymentId, refunded: order.total, remaining: won(0), restock: false }
    await payment.tell({ type: 'payment.refunded', data: refunded })
    await payment.tell({ type: 'payment.refunded', data: refunded })
    assert.equal((await place(coupon.id)).status, backOnRefund ? 201 : 409)
  }
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('what is sent back is worth what was paid for it: the shares of a coupon add up to the whole', async () => {
  const [{ product, ids }, buyer] = await Promise.all([aShirt(seller, { stock: 9 }), aBuyer()])
  const coupon = await aCoupon({ amount: won(1_000) })
  const body = { productId: product.id, variantId: ids[0], quantity: 3, coupon: { id: coupon.id } }
  const order = await buyer.expect(201, 'POST', '/orders', body, key())
  assert.deepEqual(order.total, won(59_000))
  await payment.pay(order, buyer.id)
  const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, { carrier: 'CJ대한통운', trackingNumber: '1234' })
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  const amounts: number[] = []
  for (let n = 0; n < 3; n += 1) {
    const items = [{ productId: product.id, variantId: ids[0], quantity: 1 }]
    const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, { kind: 'RETURN', items, reason: 'no' })
    await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
    const done = await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock: true })
    amounts.push(done.refund.amount.amount)
  }
  assert.deepEqual(amounts, [19_666, 19_667, 19_667])
})

test('the platform’s coupons are for every seller’s goods, a basket’s as well, and make an order free at most', async () => {
  const admin = await aBuyer()
  await app.db('accounts').where('id', admin.id).update({ role: 'admin' })
  const session = await admin.expect(201, 'POST', '/sessions', {
    email: admin.email,
    password: 'correct horse battery',
  })
  admin.token = session.accessToken
  const coupon = await aCoupon({ isPlatform: true, amount: won(50_000) }, admin)
  assert.equal((await admin.expect(200, 'GET', '/coupons?of=platform')).items[0].id, coupon.id)
  const shown = (await app.anonymous.expect(200, 'GET', `/sellers/${other.id}/coupons`)).items
  assert.ok(shown.some(({ id, isPlatform }: { id: string; isPlatform: boolean }) => id === coupon.id && isPlatform))
  const products = await Promise.all([1_000, 300].map((amount) => aProduct(other, { amount })))
  const items = products.map(({ id: productId }) => ({ productId, quantity: 1 }))
  const buyer = await aBuyer()
  const order = await buyer.expect(201, 'POST', '/orders', { items, coupon: { id: coupon.id } }, key())
  assert.deepEqual([order.total, order.discount], [won(0), won(1_300)])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})
