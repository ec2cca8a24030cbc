/** What buyers do before they pay, made cheap: accounts by their tokens alone, orders and cards through the services' own doors. */
import { createTokenIssuer } from '../../services/commerce/src/accounts/access-token.ts'
import { postRequest, race, type RaceAnswer } from '../../services/commerce/bench/race-client.ts'
import { addProduct } from '../../services/commerce/src/testing/shop.ts'
import type { PaymentPlatform } from './processes.ts'

export const priceAmount = 10_000
const connections = 64
const orderPath = '/api/commerce/v1/orders'
const paymentPath = '/api/payment/v1'

/** A buyer with a reserved order and a sealed card. */
export interface Shopper {
  id: string
  token: string
  orderId: string
  cardToken: string
}

/** Signs access tokens of accounts that never signed up. */
export async function tokensOf(platform: PaymentPlatform, ids: readonly string[]): Promise<string[]> {
  const issuer = await createTokenIssuer(platform.tokenKey)
  const issue = (sub: string) => issuer.issue({ role: 'viewer', name: 'Buyer', sid: 'ses_bench', sub }, new Date())
  return (await Promise.all(ids.map(issue))).map(({ accessToken }) => accessToken)
}

/** Has `count` new buyers reserve a unit each, of some products of one seller. */
export async function reserve(
  platform: PaymentPlatform,
  name: string,
  count: number,
): Promise<Omit<Shopper, 'cardToken'>[]> {
  const ids = Array.from({ length: count }, (_, n) => `acc_${name}_${n}`)
  const tokens = await tokensOf(platform, ids)
  const products = await Promise.all(
    Array.from({ length: 10 }, () => addProduct(platform.shop, { units: count, amount: priceAmount })),
  )
  const requests = tokens.map((token, n) =>
    postRequest(
      orderPath,
      { Authorization: `Bearer ${token}`, 'Idempotency-Key': `order-${name}-${n}` },
      JSON.stringify({ productId: products[n % products.length], quantity: 1 }),
    ),
  )
  const { answers } = await race(platform.commerce.map(portOf), requests, connections)
  return answers.map((answer, n) => ({
    id: ids[n] ?? '',
    token: tokens[n] ?? '',
    orderId: bodyOf(answer, 201).id ?? '',
  }))
}

/** Enters the buyers' cards. */
export async function enterCards(
  platform: PaymentPlatform,
  buyers: readonly { token: string }[],
  numberOf: (n: number) => string = () => '4242424242424242',
): Promise<string[]> {
  const requests = buyers.map(({ token }, n) =>
    postRequest(
      `${paymentPath}/card-tokens`,
      { Authorization: `Bearer ${token}` },
      JSON.stringify({ number: numberOf(n), expiryMonth: 12, expiryYear: 2040, cvc: '737' }),
    ),
  )
  const { answers } = await race(platform.payment.map(portOf), requests, connections)
  return answers.map((answer) => bodyOf(answer, 201).token ?? '')
}

/** The request that pays. */
export const payRequest = ({ token, orderId, cardToken }: Shopper, key = orderId): Buffer =>
  postRequest(
    `${paymentPath}/payments`,
    { Authorization: `Bearer ${token}`, 'Idempotency-Key': key },
    JSON.stringify({ orderId, cardToken }),
  )

export const portOf = ({ url }: { url: string }) => Number(new URL(url).port)

function bodyOf(answer: RaceAnswer, status: number): Record<string, string> {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.body.slice(0, 300)}`)
  return JSON.parse(answer.body) as Record<string, string>
}
