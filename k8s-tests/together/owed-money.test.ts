/**
 * Every road on which money comes that no order is paid with: it finds its way back, its buyer is asked for an account where one
 * is needed, people see it at /admin, and nobody is asked for ever.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import { depositSteps } from './deposit-steps.ts'
import { startShop } from './shop.ts'

const gateways = '[{"name":"simulator","methods":["card","virtual_account"]}]'
// no window is opened here, and an answer that never comes is waited for
const shop = await startShop({ payment: { GATEWAYS: gateways, GATEWAY_TIMEOUT_MS: '500' } })
const [seller, buyer, stranger, admin] = await Promise.all([
  shop.signedIn('Seo'),
  shop.signedIn('Bo'),
  shop.signedIn('Cho'),
  shop.anAdmin(),
])
const steps = depositSteps(shop, { seller, buyer, stranger })
const { issued, deposit, told, expire, faults, givenBack } = steps
const account = { bank: '88', number: '110-123-456789', holder: '김보라' }
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)

const read = async (id: string) => (await shop.pays(buyer, 'GET', `/payments/${id}`)).body
const isAsked = (id: string) =>
  eventually('its buyer is asked for an account', async () => ((await read(id)).needsRefundAccount ? true : undefined))
const tellAccount = async (id: string, told = account) =>
  (await shop.pays(buyer, 'PUT', `/payments/${id}/refund-account`, told)).status
const owedAt = async (id: string) => {
  await shop
    .db('payments')
    .where({ id })
    .update({ created_at: hoursAgo(1) }) // most are over in seconds: shown after one minute
  const { payments } = (await shop.pays(admin, 'GET', '/stuck-payments')).body
  return payments.find((payment: { id: string }) => payment.id === id)
}
const rowOf = async (id: string) => await shop.db('payments').where({ id }).first()
const metricIs = (name: string, is: (value: number | undefined) => boolean, what?: string) =>
  eventually(`${name} is told`, async () => {
    const { values = [] } = (await shop.payment.registry.getSingleMetric(name)?.get()) ?? {} // a second old, at most
    return is(values.find(({ labels }) => what === undefined || labels['what'] === what)?.value) ? true : undefined
  })
const wentBackOnce = async (id: string, amount = 10_000) => {
  await eventually('the money is with its buyer', async () => ((await givenBack(id)).length > 0 ? true : undefined))
  await eventually('nothing is owed', async () => ((await rowOf(id)).next_attempt_at === null ? true : undefined))
  assert.deepEqual(await givenBack(id), [amount])
  const { refund_account: kept, owed_amount: owed } = await rowOf(id)
  assert.deepEqual([kept, owed, (await read(id)).needsRefundAccount], [null, null, false])
}
/** A deposit whose time is over. */
async function over() {
  const given = await issued()
  await expire(given.id)
  await told(given.id)
  await shop.paymentIs(buyer, given.id, 'CANCELED')
  await shop.allTold()
  return given
}

test('a late deposit for an order that another payment paid goes back on the account that its buyer is asked for', async () => {
  const { id, order, deposit: into } = await over()
  const other = await shop.pay(buyer, order.id)
  await shop.orderIs(buyer, order.id, 'PAID')
  await deposit(id, into.accountNumber, 10_000, true)
  await isAsked(id)
  assert.equal((await shop.pays(stranger, 'GET', `/payments/${id}`)).status, 404)
  const { owed, state, lastWord } = await owedAt(id)
  assert.deepEqual(
    [owed, state, lastWord],
    [{ amount: 10_000, currency: 'KRW' }, 'CANCELED', 'its buyer’s account is not known'],
  )
  await metricIs('payment_oldest_owed_seconds', (age) => Number(age) > 0)
  assert.equal(await tellAccount(id), 204)
  await wentBackOnce(id)
  await told(id) // late again: it is with its buyer
  await wentBackOnce(id)
  assert.equal((await shop.paymentIs(buyer, other.body.id, 'CAPTURED')).needsRefundAccount, false)
  assert.equal((await shop.orderOf(buyer, order.id)).state, 'PAID')
  await metricIs('payment_oldest_owed_seconds', (age) => age === 0)
})

test('a late deposit for an order that its buyer cancelled, and for one whose reservation ran out', async () => {
  for (const gone of ['cancelled', 'expired'] as const) {
    const { id, order, deposit: into } = await over()
    if (gone === 'cancelled') await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
    else
      await shop.commerce
        .db('orders')
        .where({ id: order.id })
        .update({ expires_at: hoursAgo(1) })
    await deposit(id, into.accountNumber, 10_000, true)
    await isAsked(id)
    assert.deepEqual((await owedAt(id)).owed, { amount: 10_000, currency: 'KRW' })
    await tellAccount(id)
    await wentBackOnce(id)
  }
})

test('a deposit of another amount or currency, in time or late, pays nothing, and its buyer is asked for an account', async () => {
  for (const [late, other] of [
    [false, { amount: 9_000, currency: 'KRW' }],
    [true, { amount: 11_000, currency: 'KRW' }],
    [false, { amount: 10_000, currency: 'JPY' }],
  ] as const) {
    const { id, order, deposit: into } = late ? await over() : await issued()
    await shop.simulatorDb('ledger_payments').where({ order_id: id }).update(other)
    await deposit(id, into.accountNumber, other.amount, late)
    await isAsked(id)
    assert.deepEqual((await owedAt(id)).owed, other)
    await tellAccount(id)
    await wentBackOnce(id, other.amount)
    assert.equal((await read(id)).failureReason, 'amount_differs')
    await shop.allTold()
    assert.equal((await shop.orderOf(buyer, order.id)).state, 'RESERVED')
  }
})

test('an account that its bank does not know is asked for anew; one that money is on its way to is not replaced', async () => {
  const { id, order, deposit: into } = await over()
  await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
  await deposit(id, into.accountNumber, 10_000, true)
  await isAsked(id)
  await tellAccount(id, { ...account, number: '000000-1' })
  await eventually('it was refused', async () =>
    (await rowOf(id)).last_word === 'its buyer’s account is refused' ? true : undefined,
  )
  await isAsked(id)
  await faults({ byVerb: { refund: { serverError: 1 } } })
  assert.equal(await tellAccount(id), 204)
  await eventually('it was tried', async () => (/given back/.test((await rowOf(id)).last_word) ? true : undefined))
  assert.equal(await tellAccount(id, { ...account, holder: '김다른' }), 409)
  assert.equal(await tellAccount(id), 204) // the same again
  await faults({})
  await wentBackOnce(id)
})

test('a seller’s refund to an account that its bank does not know waits for another', async () => {
  const { id, order, deposit: into } = await issued()
  await deposit(id, into.accountNumber, 10_000)
  await shop.orderIs(buyer, order.id, 'PAID')
  await tellAccount(id, { ...account, number: '000000-2' })
  const { body } = await shop.pays(seller, 'POST', `/payments/${id}/refunds`, {
    amount: { amount: 3_000, currency: 'KRW' },
  })
  await isAsked(id)
  assert.equal(await tellAccount(id), 204)
  await shop.refundIs(body.id, 'DONE')
  assert.deepEqual(await givenBack(id), [3_000])
})

test('a look without a clear word is a person’s case after three days; a word of the gateway’s, or a person, has it asked once more', async () => {
  const { id, order, deposit: into } = await over()
  await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
  await faults({ byVerb: { find: { serverError: 1 } } })
  await deposit(id, into.accountNumber, 10_000, true)
  await eventually('it was asked in vain', async () => ((await rowOf(id)).asked_since ? true : undefined))
  const ended = (await rowOf(id)).updated_at
  const before = { asked_since: hoursAgo(73), lease_owner: null, next_attempt_at: new Date() }
  await shop.db('payments').where({ id }).update(before)
  const isAside = () =>
    eventually('it is set aside', async () => {
      const shown = await owedAt(id)
      return shown && shown.nextAttemptAt === null ? shown : undefined
    })
  const { askedSince, attempts } = await isAside()
  assert.ok(Date.parse(askedSince) < hoursAgo(72).getTime())
  await metricIs('payment_set_aside', (count) => count === 1, 'payments')
  assert.deepEqual((await rowOf(id)).updated_at, ended) // an unclear look does not make its day longer
  assert.equal((await shop.pays(admin, 'POST', `/payments/${id}/retries`)).status, 204)
  await eventually('once more', async () => ((await owedAt(id))?.attempts === attempts + 1 ? true : undefined))
  await isAside()
  await faults({})
  await told(id)
  await isAsked(id)
  await tellAccount(id)
  await wentBackOnce(id)
  await metricIs('payment_set_aside', (count) => count === 0, 'payments')
})

test('an account that is told after days is one to try anew: a single unclear answer sets nothing aside', async () => {
  const late = await over()
  await buyer.expect(200, 'POST', `/orders/${late.order.id}/cancel`)
  await deposit(late.id, late.deposit.accountNumber, 10_000, true)
  await isAsked(late.id)
  const paid = await issued()
  await deposit(paid.id, paid.deposit.accountNumber, 10_000)
  await shop.orderIs(buyer, paid.order.id, 'PAID')
  const { body: refund } = await shop.pays(seller, 'POST', `/payments/${paid.id}/refunds`, {})
  const refundRow = async () => await shop.db('refunds').where({ id: refund.id }).first()
  await eventually('it waits', async () => ((await refundRow()).last_word === 'NO_REFUND_ACCOUNT' ? true : undefined))
  const long = { asked_since: hoursAgo(73), next_attempt_at: new Date('9999-12-31T00:00:00Z') }
  await shop.db('payments').where({ id: late.id }).update(long)
  await shop.db('refunds').where({ id: refund.id }).update(long)
  await faults({ byVerb: { refund: { serverError: 1 } } })
  await tellAccount(late.id)
  await tellAccount(paid.id)
  await eventually('both were tried', async () => {
    const words = [(await rowOf(late.id)).last_word, (await refundRow()).last_word]
    return /given back/.test(words[0]) && words[1] !== 'NO_REFUND_ACCOUNT' ? true : undefined
  })
  await faults({})
  await wentBackOnce(late.id)
  await shop.refundIs(refund.id, 'DONE')
})

test('nobody is asked for ever: a charge without a word, a payment whose gateway is gone, a refund', async () => {
  const { id, deposit: into, order } = await issued()
  await deposit(id, into.accountNumber, 10_000)
  await shop.orderIs(buyer, order.id, 'PAID')
  const { body: refund } = await shop.pays(seller, 'POST', `/payments/${id}/refunds`, {})
  await isAsked(id)
  const long = { asked_since: hoursAgo(73), lease_owner: null, next_attempt_at: new Date() }
  await shop.db('refunds').where({ id: refund.id }).update(long)
  const gone = await over()
  await shop
    .db('payments')
    .where({ id: gone.id })
    .update({ ...long, gateway: 'of_yesterday' })
  await faults({ byVerb: { approve: { timeoutAfter: 1 }, find: { serverError: 1 } } })
  const unclear = await shop.pay(buyer, (await steps.anOrder()).order.id)
  await shop.paymentIs(buyer, unclear.body.id, 'UNKNOWN')
  await shop.db('payments').where({ id: unclear.body.id }).update(long)
  await metricIs('payment_set_aside', (count) => count === 2, 'payments')
  await metricIs('payment_set_aside', (count) => count === 1, 'refunds')
  await owedAt(gone.id)
  await shop
    .db('refunds')
    .where({ id: refund.id })
    .update({ created_at: hoursAgo(1) })
  const { payments, refunds } = (await shop.pays(admin, 'GET', '/stuck-payments')).body
  assert.equal(payments.find((payment: { id: string }) => payment.id === gone.id).lastWord, 'failed here')
  assert.deepEqual([refunds[0].isSetAside, refunds[0].lastWord], [true, 'NO_REFUND_ACCOUNT'])
  await faults({})
  assert.equal((await shop.pays(admin, 'POST', `/payments/${unclear.body.id}/retries`)).status, 204)
  await shop.paymentIs(buyer, unclear.body.id, 'CAPTURED')
  await tellAccount(id)
  await shop.refundIs(refund.id, 'DONE')
})

test('after all of that the ledger adds up', async () => {
  await shop.allTold()
  assert.deepEqual(await checkLedger(shop.db), [])
})
