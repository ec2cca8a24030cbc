/** Who tries cards is slowed down, and stopped after some declines, by account, address and issuer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import type { TestAccount } from '../../services/commerce/src/testing/factories.ts'
import { startShop } from './shop.ts'

const shop = await startShop({
  payment: {
    LIMIT_CARDS_PER_ACCOUNT: '4',
    LIMIT_CARDS_PER_ADDRESS: '20',
    TRUSTED_PROXIES: '2',
    LIMIT_DECLINES_PER_ACCOUNT: '2',
    LIMIT_DECLINES_PER_BIN: '3',
  },
})
const seller = await shop.signedIn('Seo')
const declined = '4000000000000002'
const sameIssuer = '4000000000000341'
const card = (buyer: TestAccount, number: string, way: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${shop.paymentPort}/api/payment/v1/card-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${buyer.token}`, 'content-type': 'application/json', ...way },
    body: JSON.stringify({ number, expiryMonth: 12, expiryYear: 2040, cvc: '737' }),
  })
const refusal = async (answer: Response) => {
  const { code } = (await answer.json()) as { code: string }
  const retryAfter = Number(answer.headers.get('retry-after'))
  return { status: answer.status, code, waits: retryAfter > 0 && retryAfter <= 3_600 }
}
async function decline(buyer: TestAccount): Promise<void> {
  const product = await shop.product(seller, { stock: 1 })
  const order = await shop.order(buyer, product.id)
  const { body } = await shop.pay(buyer, order.id, declined)
  await shop.paymentIs(buyer, body.id, 'DECLINED')
}

test('an account enters so many cards and no more', async () => {
  const buyer = await shop.signedIn('Bo')
  for (let n = 0; n < 4; n += 1) assert.equal((await card(buyer, '5555555555554444')).status, 201)
  const answer = await refusal(await card(buyer, '5555555555554444'))
  assert.deepEqual(answer, { status: 429, code: 'rate_limited', waits: true })
  assert.equal((await card(seller, '5555555555554444')).status, 201)
})

test('an address enters so many cards through whatever accounts; whom the outer of two proxies names is meant', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': `198.51.100.9, ${address}, 10.0.0.7` })
  for (let account = 0; account < 5; account += 1) {
    const buyer = await shop.signedIn('Ha')
    for (let n = 0; n < 4; n += 1)
      assert.equal((await card(buyer, '5555555555554444', from('203.0.113.5'))).status, 201)
  }
  const next = await shop.signedIn('Na')
  const answer = await refusal(await card(next, '5555555555554444', from('203.0.113.5')))
  assert.deepEqual(answer, { status: 429, code: 'rate_limited', waits: true })
  assert.equal((await card(next, '5555555555554444', from('203.0.113.6'))).status, 201)
})

test('declines stop an account, then an issuer’s cards, and neither stops others, nor the latter who paid before; a token from before is no way round', async () => {
  const [thief, second, known] = await Promise.all([shop.signedIn('Ti'), shop.signedIn('Su'), shop.signedIn('Kim')])
  const bought = await shop.product(seller, { stock: 1 })
  const before = await shop.pay(known, (await shop.order(known, bought.id)).id, '5555555555554444')
  await shop.paymentIs(known, before.body.id, 'CAPTURED')
  const product = await shop.product(seller, { stock: 1 })
  const order = await shop.order(thief, product.id)
  const kept = await shop.cardToken(thief, '5555555555554444')
  await decline(thief)
  await decline(thief)
  const stopped = { status: 429, code: 'too_many_declines', waits: true }
  // the decline is counted just behind the state that the buyer sees
  await eventually('the account is stopped', async () =>
    (await card(thief, '5555555555554444')).status === 429 ? true : undefined,
  )
  assert.deepEqual(await refusal(await card(thief, '5555555555554444')), stopped)
  const paid = await shop.pays(thief, 'POST', '/payments', { orderId: order.id, cardToken: kept })
  assert.deepEqual([paid.status, paid.body.code], [429, 'too_many_declines'])
  await decline(second)
  await eventually('the issuer is stopped', async () =>
    (await card(seller, sameIssuer)).status === 429 ? true : undefined,
  )
  assert.deepEqual(await refusal(await card(seller, sameIssuer)), stopped)
  assert.equal((await card(known, sameIssuer)).status, 201)
  assert.equal((await card(seller, '5555555555554444')).status, 201)
})
