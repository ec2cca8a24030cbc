import { randomUUID } from 'node:crypto'
import { expectStatus, newKey, type Answer } from './http.ts'

const commerce = '/api/commerce/v1'

/** A signed-in account. */
export interface Person {
  id: string
  email: string
  password: string
  token: string
  streamKey: string
}

/** Signs an account up and in, over HTTP as anybody would. */
export async function signUp(name: string): Promise<Person> {
  const email = `${name}-${randomUUID()}@example.com`
  const password = `correct horse ${randomUUID()}`
  const account = await expectStatus(201, 'POST', `${commerce}/accounts`, {
    body: { email, password, displayName: name },
  })
  const session = await expectStatus(201, 'POST', `${commerce}/sessions`, { body: { email, password } })
  return {
    id: String(account.body['id']),
    email,
    password,
    token: String(session.body['accessToken']),
    streamKey: String(account.body['streamKey']),
  }
}

/** A seller's product; `price` in won. */
export async function createProduct(
  seller: Person,
  product: { name: string; price: number; stock: number; unpaidPerBuyer?: number },
): Promise<string> {
  const body = {
    name: product.name,
    description: `${product.name}, made for a test`,
    price: { amount: product.price, currency: 'KRW' },
    stock: product.stock,
    // a few accounts stand for many buyers
    unpaidUnitsPerBuyer: product.unpaidPerBuyer,
    unpaidOrdersPerBuyer: product.unpaidPerBuyer,
  }
  const answer = await expectStatus(201, 'POST', `${commerce}/products`, { token: seller.token, body })
  return String(answer.body['id'])
}

/** Puts an address into an account's book, where the first one is the default; answers its id. */
export async function addAddress(person: Person, recipient: string): Promise<string> {
  const body = {
    recipient,
    phone: '010-1234-5678',
    postalCode: '06236',
    roadAddress: '서울특별시 강남구 테헤란로 152',
    detail: '12층',
  }
  const answer = await expectStatus(201, 'POST', `${commerce}/account/addresses`, { token: person.token, body })
  return String(answer.body['id'])
}

/** A broadcast that is open at once. */
export async function openBroadcast(
  seller: Person,
  title: string,
  productIds: string[],
): Promise<Answer['body'] & { id: string }> {
  const answer = await expectStatus(201, 'POST', `${commerce}/broadcasts`, {
    token: seller.token,
    body: { title, productIds },
  })
  return { ...answer.body, id: String(answer.body['id']) }
}

/** Ends a broadcast; for a test's cleaning up too, so an ended one is fine. */
export async function endBroadcast(seller: Person, id: string): Promise<void> {
  await expectStatus(200, 'POST', `${commerce}/broadcasts/${id}/end`, { token: seller.token })
}

/** Units on sale. */
export async function stockOf(productId: string): Promise<number> {
  const answer = await expectStatus(200, 'GET', `${commerce}/products/${productId}`)
  return Number(answer.body['stock'])
}

/** Numbers of the simulated card network: see its scenarios. */
export const cards = Object.freeze({ good: '4242424242424242', insufficientFunds: '4000000000009995' })

/** Pays an order with a card and answers the payment's id, as accepted. */
export async function pay(buyer: Person, orderId: string, number: string): Promise<string> {
  const card = { number, expiryMonth: 12, expiryYear: 2040, cvc: '737' }
  const sealed = await expectStatus(201, 'POST', '/api/payment/v1/card-tokens', { token: buyer.token, body: card })
  const accepted = await expectStatus(202, 'POST', '/api/payment/v1/payments', {
    token: buyer.token,
    headers: newKey(),
    body: { orderId, cardToken: sealed.body['token'] },
  })
  return String(accepted.body['id'])
}
