import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { BoundedQueue } from '../bounded-queue.ts'
import { ApiClient } from './api-client.ts'

/** The password of every account that tests make. */
export const testPassword = 'correct horse battery'

/** Somebody who signed up and signed in. */
export interface TestAccount extends ApiClient {
  id: string
  email: string
  streamKey: string
}

/** Signs up and in; every account may sell. However many are asked for at once, their passwords wait for no long queue. */
export function signedIn(url: string, displayName = 'Mina'): Promise<TestAccount> {
  return signingIn.run(() => signIn(url, displayName))
}

// the service hashes two passwords at a time, and refuses who would wait for longer than a few seconds
const signingIn = new BoundedQueue({ name: 'test accounts', concurrency: 2, maxWaiting: 1_000, deadlineMs: 300_000 })

async function signIn(url: string, displayName: string): Promise<TestAccount> {
  const client = new ApiClient(url)
  const email = `${randomBytes(6).toString('hex')}@example.com`
  const account = await client.expect(201, 'POST', '/accounts', { email, password: testPassword, displayName })
  const session = await client.expect(201, 'POST', '/sessions', { email, password: testPassword })
  client.token = session.accessToken
  return Object.assign(client, { id: account.id, email, streamKey: account.streamKey })
}

/** Creates a product as its seller. */
export async function aProduct(seller: ApiClient, over: { name?: string; stock?: number; amount?: number } = {}) {
  const { name = 'Citron tea', stock = 10, amount = 12_900 } = over
  const price = { amount, currency: 'KRW' }
  return await seller.expect(201, 'POST', '/products', { name, description: 'From Goheung', price, stock })
}

/** Creates a product in two colours of two sizes, four units each, but black in M: three variants. */
export async function aShirt(seller: ApiClient, over: { stock?: number; limitPerBuyer?: number } = {}) {
  const { stock = 4, limitPerBuyer = null } = over
  const product = await seller.expect(201, 'POST', '/products', {
    name: 'Shirt',
    price: { amount: 20_000, currency: 'KRW' },
    limitPerBuyer,
    options: [
      { name: '색상', values: ['빨강', '검정'] },
      { name: '사이즈', values: ['M', 'L'] },
    ],
    variants: [
      { values: ['빨강', 'M'], stock, sku: `RM-${randomBytes(4).toString('hex')}` },
      { values: ['빨강', 'L'], stock, price: { amount: 22_000, currency: 'KRW' } },
      { values: ['검정', 'L'], stock },
    ],
  })
  const { variants } = await seller.expect(200, 'GET', `/products/${product.id}/variants`)
  return { product, variants, ids: variants.map(({ id }: { id: string }) => id) as string[] }
}

/** Creates and opens a broadcast as its seller. */
export async function aBroadcast(seller: ApiClient, productIds: readonly string[] = [], title = 'Tea tonight') {
  return await seller.expect(201, 'POST', '/broadcasts', { title, productIds })
}

/** A picture of noise, which does not compress away. */
export async function aPicture(
  format: 'jpeg' | 'png' | 'webp' | 'avif' = 'jpeg',
  width = 900,
  height = 600,
): Promise<Uint8Array> {
  const pixels = sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
  return await pixels.toFormat(format).toBuffer()
}
