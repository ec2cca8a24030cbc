/** The address book, and where an order goes: who may say it, who may see it. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aProduct, signedIn, testPassword } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ UNPAID_ORDERS_PER_BUYER: '100', UNPAID_UNITS_PER_BUYER: '1000' })
const payment = playedPayment(app)
const [seller, other] = await Promise.all([signedIn(app.url), signedIn(app.url)])

const home = {
  recipient: '김민지',
  phone: '010-1234-5678',
  country: 'KR',
  postalCode: '06236',
  roadAddress: '서울특별시 강남구 테헤란로 152',
  detail: '12층',
  memo: '문 앞에 놓아 주세요',
}
type Listed = { items: { id: string; recipient: string; isDefault: boolean }[] }
const listOf = async (who: typeof seller) => {
  const { items } = (await who.expect(200, 'GET', '/account/addresses')) as Listed
  return items.map(({ recipient, isDefault }) => (isDefault ? `${recipient}*` : recipient))
}
async function anOrder(buyer: typeof seller, product: object = {}) {
  const { id } = await seller.expect(201, 'POST', '/products', {
    name: 'Cup',
    price: { amount: 9_000, currency: 'KRW' },
    stock: 9,
    ...product,
  })
  const key = { 'idempotency-key': randomUUID() }
  return await buyer.expect(201, 'POST', '/orders', { productId: id, quantity: 1 }, key)
}

test('the first address is the default, another can become it, and when it goes the newest is', async () => {
  const buyer = await signedIn(app.url)
  const first = await buyer.expect(201, 'POST', '/account/addresses', home)
  assert.deepEqual(first, { id: first.id, ...home, isDefault: true })
  await buyer.expect(201, 'POST', '/account/addresses', { ...home, recipient: '회사' })
  assert.deepEqual(await listOf(buyer), ['김민지*', '회사'])
  const third = await buyer.expect(201, 'POST', '/account/addresses', { ...home, recipient: '부모님', isDefault: true })
  assert.deepEqual(await listOf(buyer), ['부모님*', '회사', '김민지'])
  await buyer.expect(200, 'PUT', `/account/addresses/${third.id}`, { ...home, recipient: '시골' })
  assert.deepEqual(await listOf(buyer), ['시골*', '회사', '김민지'])
  await buyer.expect(204, 'DELETE', `/account/addresses/${third.id}`)
  await buyer.expect(204, 'DELETE', `/account/addresses/${third.id}`)
  assert.deepEqual(await listOf(buyer), ['회사*', '김민지'])
})

test('a book has room for twenty, also for those who add at once', async () => {
  const buyer = await signedIn(app.url)
  const answers = await Promise.all(Array.from({ length: 22 }, () => buyer.post('/account/addresses', home)))
  assert.equal(answers.filter(({ status }) => status === 201).length, 20)
  assert.deepEqual(
    [...new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))],
    ['too_many_addresses'],
  )
  assert.equal((await listOf(buyer)).filter((name) => name.endsWith('*')).length, 1)
})

test('a Korean postal code has five digits, others are taken as they are, and no text hides anything', async () => {
  const buyer = await signedIn(app.url)
  const add = (over: object) => buyer.post('/account/addresses', { ...home, ...over })
  for (const over of [
    { postalCode: '0623' },
    { postalCode: '' },
    { postalCode: '0623６' },
    { recipient: '\u200B' },
    { recipient: 'Mina\u202Egnp' },
    { phone: 'call me' },
    { phone: '01' },
    { roadAddress: '' },
    { country: 'kr' },
    { detail: 'x'.repeat(101) },
    { country: 'GB', postalCode: '<script>' },
    { isDefault: 'yes' },
  ]) {
    const { status, body } = await add(over)
    assert.deepEqual([status, body.code], [400, 'invalid_request'], JSON.stringify(over))
  }
  assert.deepEqual(await listOf(buyer), [])
  for (const over of [
    { country: 'GB', postalCode: 'SW1A 1AA', phone: '+44 20 7946 0958' },
    { country: 'HK', postalCode: '' },
  ]) {
    assert.equal((await add(over)).status, 201, JSON.stringify(over))
  }
})

test('nobody reads or changes another’s addresses, and nobody’s are in a log of an answer that may be kept', async () => {
  const buyer = await signedIn(app.url)
  const { id } = await buyer.expect(201, 'POST', '/account/addresses', home)
  await other.expect(404, 'PUT', `/account/addresses/${id}`, home)
  await other.expect(204, 'DELETE', `/account/addresses/${id}`)
  assert.deepEqual(await listOf(other), [])
  assert.deepEqual(await listOf(buyer), ['김민지*'])
  assert.equal((await buyer.get('/account/addresses')).headers.get('cache-control'), 'no-store')
  assert.equal((await app.anonymous.get('/account/addresses')).status, 401)
})

test('an order goes to an address of the book or to one given for it, and keeps it whatever becomes of the book', async () => {
  const buyer = await signedIn(app.url)
  const book = await buyer.expect(201, 'POST', '/account/addresses', home)
  const order = await anOrder(buyer)
  const [before] = (await buyer.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items
  assert.deepEqual(
    [before.state, before.requiresShipping, before.address, before.mayDo],
    [null, true, null, ['address']],
  )
  const set = await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, { addressId: book.id })
  assert.deepEqual(set.address, home)
  const elsewhere = { ...home, recipient: '박수진' }
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, elsewhere)
  await buyer.expect(204, 'DELETE', `/account/addresses/${book.id}`)
  const [after] = (await buyer.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items
  assert.deepEqual(after.address, elsewhere)
  await buyer.expect(404, 'PUT', `/orders/${order.id}/address`, { addressId: book.id })
})

test('an order’s address is its buyer’s and, once it is paid for, its seller’s and an admin’s to see, and nobody else’s', async () => {
  const buyer = await signedIn(app.url)
  const order = await anOrder(buyer)
  await other.expect(404, 'PUT', `/orders/${order.id}/address`, home)
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, home)
  await seller.expect(404, 'GET', `/sales/${order.id}`) // only reserved: no sale yet
  await payment.pay(order, buyer.id)
  assert.deepEqual((await other.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items, [])
  await other.expect(404, 'GET', `/sales/${order.id}`)
  assert.deepEqual((await other.expect(200, 'GET', '/sales')).items, [])
  assert.deepEqual((await seller.expect(200, 'GET', `/sales/${order.id}`)).fulfilment.address, home)
  await app.db('accounts').where('id', other.id).update({ role: 'admin' })
  other.token = (
    await other.expect(201, 'POST', '/sessions', { email: other.email, password: testPassword })
  ).accessToken
  assert.deepEqual((await other.expect(200, 'GET', `/sales/${order.id}`)).fulfilment.address, home)
})

test('goods that are not sent need no address, and products say so; those of before are sent', async () => {
  const buyer = await signedIn(app.url)
  assert.equal((await aProduct(seller)).requiresShipping, true)
  const order = await anOrder(buyer, { name: 'Ticket', requiresShipping: false })
  await payment.pay(order, buyer.id)
  const [way] = (await buyer.expect(200, 'GET', `/fulfilments?orders=${order.id}`)).items
  assert.deepEqual([way.state, way.requiresShipping, way.mayDo], ['PAID', false, ['cancel']])
  await seller.expect(409, 'POST', `/sales/${order.id}/ship`, { carrier: 'CJ', trackingNumber: '123456' })
  assert.equal((await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)).fulfilment.state, 'DELIVERED')
})

test('an account that is deleted takes its book along, and leaves what its orders were given', async () => {
  const buyer = await signedIn(app.url)
  await buyer.expect(201, 'POST', '/account/addresses', home)
  const order = await anOrder(buyer)
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, home)
  await payment.pay(order, buyer.id)
  await buyer.expect(204, 'POST', '/accounts/me/deletion', { password: testPassword })
  assert.deepEqual(await app.db('addresses').where('account_id', buyer.id), [])
  assert.deepEqual((await seller.expect(200, 'GET', `/sales/${order.id}`)).fulfilment.address, home)
})
