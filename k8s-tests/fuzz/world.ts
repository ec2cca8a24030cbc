/** People and things that the fuzzer's requests may name, so that they get past "no such thing". */
import { randomUUID } from 'node:crypto'
import type { Services } from './services.ts'

const shop = '/api/commerce/v1'
const bank = '/api/payment/v1'
const password = 'correct horse battery'

/** A signed-in account; its access token is good for ten minutes. */
interface Person {
  id: string
  email: string
  token: string
}

/** What the hooks (hooks.py) put in place of generated values. */
export interface World {
  tokens: { viewer: string; seller: string; admin: string }
  /** Path parameters by the end of their operation's path. */
  paths: Record<string, Record<string, string[]>>
  /** Body fields and query parameters by their name. */
  fields: Record<string, string[]>
  /** Good once: sessions to be ended or refreshed, orders to be paid, sealed cards. */
  sessions: { token: string; cookie: string }[]
  payments: { orderId: string; cardToken: string }[]
  signIn: { email: string; password: string }
  /** Whole bodies that the services take, by method and end of path. */
  bodies: Record<string, object[]>
}

/**
 * Fills the services through their own API: products on sale and unlisted, an open and a scheduled broadcast, messages,
 * orders in every state, payments.
 */
export async function makeWorld({ commerceUrl, paymentUrl, commerceCommand }: Services): Promise<World> {
  const call = caller({ [shop]: commerceUrl, [bank]: paymentUrl })
  const person = async (name: string): Promise<Person> => {
    const email = `${randomUUID()}@example.com`
    const { id } = await call('POST', `${shop}/accounts`, undefined, { email, password, displayName: name })
    return { id: String(id), email, token: '' }
  }
  const signIn = async (who: Person) => {
    const { accessToken, cookie } = await call('POST', `${shop}/sessions`, undefined, { email: who.email, password })
    return { token: String(accessToken), cookie: String(cookie) }
  }
  const [admin, seller, viewer, spare, victim] = [
    await person('A'),
    await person('S'),
    await person('V'),
    await person('P'),
    await person('X'),
  ]
  await commerceCommand('grant-admin', admin.email)
  admin.token = (await signIn(admin)).token
  await call('PUT', `${shop}/accounts/${viewer.id}/role`, admin.token, { role: 'viewer' })
  seller.token = (await signIn(seller)).token
  viewer.token = (await signIn(viewer)).token

  const many = async <T>(count: number, make: (index: number) => Promise<T>) => {
    const made: T[] = []
    while (made.length < count) made.push(await make(made.length))
    return made
  }
  const products = await many(6, async (index) => {
    const product = {
      name: `Tea ${index}`,
      price: { amount: 1_000 * (index + 1), currency: 'KRW' },
      stock: index === 5 ? 0 : 900_000,
    }
    return String((await call('POST', `${shop}/products`, seller.token, product)).id)
  })
  const scheduledAt = new Date(Date.now() + 3_600_000).toISOString()
  const broadcasts = [
    await call('POST', `${shop}/broadcasts`, seller.token, { title: 'Now', productIds: products }),
    await call('POST', `${shop}/broadcasts`, seller.token, { title: 'Later', productIds: products, scheduledAt }),
  ].map(({ id }) => String(id))
  const chats = await many(20, async () =>
    String((await call('POST', `${shop}/broadcasts/${broadcasts[0]}/chat`, viewer.token, { text: 'hi' })).id),
  )
  const order = async () =>
    String(
      (await call('POST', `${shop}/orders`, viewer.token, { productId: products[0], quantity: 2 }, randomUUID())).id,
    )
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2040, cvc: '737' }
  const payable = async () => ({
    orderId: await order(),
    cardToken: String((await call('POST', `${bank}/card-tokens`, viewer.token, card)).token),
  })
  const paid = await many(20, async () =>
    String((await call('POST', `${bank}/payments`, viewer.token, await payable(), randomUUID())).id),
  )
  const orders = await many(40, order)
  const payments = await many(200, payable)
  const sessions = await many(24, () => signIn(spare))
  return {
    tokens: { viewer: viewer.token, seller: seller.token, admin: admin.token },
    paths: {
      '/accounts/{id}/role': { id: [victim.id] },
      '/accounts/{id}/stream-key': { id: [victim.id] },
      '/barred-buyers/{id}': { id: [victim.id] },
      '/products/{id}': { id: products },
      '/products/{id}/stock': { id: products },
      '/products/{id}/image': { id: products },
      '/broadcasts/{id}': { id: broadcasts },
      '/broadcasts/{id}/events': { id: broadcasts },
      '/broadcasts/{id}/chat': { id: broadcasts },
      '/broadcasts/{id}/chat/{chatId}': { id: broadcasts, chatId: chats },
      '/broadcasts/{id}/pins': { id: broadcasts },
      '/broadcasts/{id}/image': { id: broadcasts },
      '/broadcasts/{id}/open': { id: broadcasts },
      '/broadcasts/{id}/end': { id: broadcasts },
      '/orders/{id}': { id: orders },
      '/orders/{id}/cancel': { id: orders },
      '/payments/{id}': { id: paid },
      '/payments/{id}/refunds': { id: paid },
      '/payments/{id}/returns/{token}': { id: paid, token: ['0'.repeat(26)] },
      '/webhooks/{gateway}': { gateway: ['simulator'] },
    },
    fields: { productId: products, productIds: products, broadcastId: broadcasts, seller: ['me', seller.id] },
    sessions,
    payments,
    signIn: { email: spare.email, password },
    bodies: {
      'PATCH /products/{id}': [
        { name: 'Green tea', description: 'Picked in May\nat dawn', limitPerBuyer: null },
        { price: { amount: 2_000, currency: 'KRW' }, listed: true },
        { stock: 900_000, limitPerBuyer: 1_000_000 },
      ],
      'POST /broadcasts': [
        { title: 'Next week', productIds: products, scheduledAt },
        { title: 'Of nothing yet', scheduledAt },
      ],
      'POST /orders': [
        { productId: products[0], quantity: 1 },
        { items: [{ productId: products[0], quantity: 2 }], broadcastId: broadcasts[0] },
        { items: products.slice(1, 4).map((productId) => ({ productId, quantity: 1 })) },
      ],
    },
  }
}

function caller(bases: Record<string, string>) {
  return async (method: string, path: string, token?: string, body?: unknown, idempotencyKey?: string) => {
    const base = Object.entries(bases).find(([prefix]) => path.startsWith(prefix))?.[1]
    const send = () =>
      fetch(`${base}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      })
    let answer = await send()
    // a machine that is busy with something else: the answer says that the same request may be sent again
    for (let tries = 1; answer.status === 503 && tries < 10; tries += 1) answer = await send()
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    const fields = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { ...fields, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] } as Record<string, unknown>
  }
}
