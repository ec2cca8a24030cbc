/** People and things that the fuzzer's requests may name, so that they get past "no such thing". */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
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
  const options = [
    { name: 'Colour', values: ['red', 'blue'] },
    { name: 'Size', values: ['M', 'L'] },
  ]
  const shirtPlan = {
    options,
    variants: [
      { values: ['red', 'M'], stock: 900_000 },
      { values: ['blue', 'L'], stock: 900_000, price: { amount: 9_000, currency: 'KRW' } },
    ],
  }
  const newShirt = { name: 'Shirt', price: { amount: 8_000, currency: 'KRW' }, ...shirtPlan }
  const shirts = await many(2, async () => String((await call('POST', `${shop}/products`, seller.token, newShirt)).id))
  const shown = (await call('GET', `${shop}/products/${shirts[0]}/variants`)).variants as { id: string }[]
  const variants = shown.map(({ id }) => id)
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
  const address = { recipient: 'Mina', phone: '010-1234-5678', postalCode: '06236', roadAddress: 'Teheran-ro 152' }
  const book = await many(4, async () =>
    String((await call('POST', `${shop}/account/addresses`, viewer.token, address)).id),
  )
  const sold = await many(24, async () => {
    const payment = await payable()
    await call('PUT', `${shop}/orders/${payment.orderId}/address`, viewer.token, address)
    await call('POST', `${bank}/payments`, viewer.token, payment, randomUUID())
    return payment.orderId
  })
  for (const id of sold) await untilPaid(() => call('GET', `${shop}/orders/${id}`, viewer.token))
  const shipment = { carrier: 'CJ', trackingNumber: '123456789012' }
  const claims: string[] = []
  for (const [n, id] of sold.entries()) {
    if (n % 3 === 0) continue // one of three stays as it is paid
    await call('POST', `${shop}/sales/${id}/ship`, seller.token, shipment)
    await call('POST', `${shop}/sales/${id}/deliver`, seller.token)
    if (n % 3 === 1) continue
    const claim = { kind: 'RETURN', items: [{ productId: products[0], quantity: 1 }], reason: 'broken' }
    claims.push(String((await call('POST', `${shop}/orders/${id}/claims`, viewer.token, claim)).id))
  }
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
      '/products/{id}/copies': { id: products },
      '/products/{id}/pictures': { id: products },
      '/sellers/{id}': { id: [seller.id] },
      '/products/{id}/image': { id: products },
      '/products/{id}/variants': { id: shirts },
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
      '/account/addresses/{id}': { id: book },
      '/orders/{id}/address': { id: [...orders, ...sold] },
      '/orders/{id}/confirm': { id: sold },
      '/orders/{id}/claims': { id: sold },
      '/claims/{id}/withdraw': { id: claims },
      '/claims/{id}/collect': { id: claims },
      '/claims/{id}/complete': { id: claims },
      '/claims/{id}/reject': { id: claims },
      '/sales/{id}': { id: sold },
      '/sales/{id}/prepare': { id: sold },
      '/sales/{id}/ship': { id: sold },
      '/sales/{id}/deliver': { id: sold },
      '/sales/{id}/cancel': { id: sold },
      '/payments/{id}': { id: paid },
      '/payments/{id}/refunds': { id: paid },
      '/payments/{id}/returns/{token}': { id: paid, token: ['0'.repeat(26)] },
      '/webhooks/{gateway}': { gateway: ['simulator'] },
    },
    fields: {
      addressId: book,
      productId: products,
      productIds: products,
      variantId: variants,
      broadcastId: broadcasts,
      seller: ['me', seller.id],
    },
    sessions,
    payments,
    signIn: { email: spare.email, password },
    bodies: {
      'POST /account/addresses': [
        address,
        { ...address, country: 'GB', postalCode: 'SW1A 1AA', detail: 'Flat 2', memo: 'Ring twice', isDefault: true },
      ],
      'PUT /account/addresses/{id}': [address, { ...address, isDefault: true }],
      'PUT /orders/{id}/address': [address, { addressId: book[0] }],
      'POST /orders/{id}/claims': [
        { kind: 'CANCEL', reason: 'changed my mind' },
        { kind: 'RETURN', items: [{ productId: products[0], quantity: 1 }], reason: 'broken' },
      ],
      'POST /sales/shipments': [{ text: sold.map((id) => `${id},CJ,123456789012`).join('\n') }],
      'POST /products': [newShirt, { name: 'Tea', price: { amount: 3_000, currency: 'KRW' }, stock: 10 }],
      'PUT /products/{id}/variants': [shirtPlan],
      'POST /products/{id}/stock': [{ units: 3 }, { units: 3, variantId: variants[0] }],
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
        { productId: shirts[0], variantId: variants[0], quantity: 1 },
        { productId: shirts[0], quantity: 1 },
        { items: [{ productId: products[0], quantity: 2 }], broadcastId: broadcasts[0] },
        { items: products.slice(1, 4).map((productId) => ({ productId, quantity: 1 })) },
      ],
    },
  }
}

/** Reads an order until its payment is through; a network that is simulated takes a second at most. */
async function untilPaid(read: () => Promise<Record<string, unknown>>): Promise<void> {
  const deadline = Date.now() + 60_000
  while ((await read()).state !== 'PAID') {
    if (Date.now() > deadline) throw new Error('An order of the world was not paid within a minute')
    await delay(100)
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
