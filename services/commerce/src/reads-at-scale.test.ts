/** A crowd that opens a show costs the database what one viewer does, and nobody sees less of it for that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { aBroadcast, aProduct, signedIn } from './testing/factories.ts'
import { startTestApp } from './testing/test-app.ts'

const app = await startTestApp()
const other = await app.another()

const asked = new Map<string, number>()
app.db.on('query', ({ sql, bindings }: { sql: string; bindings?: unknown[] }) => {
  if (!/`(broadcasts|broadcast_products|products|product_stock|accounts)`/.test(sql)) return
  const question = `${sql} ${JSON.stringify(bindings)}`
  asked.set(question, (asked.get(question) ?? 0) + 1)
})

/**
 * Reads asked for at once, and how often the database was asked the same for them; what the service asks of its own accord at that
 * moment is another question. The show was made just now, so nothing is shared yet.
 */
async function crowd(paths: readonly string[], as = app.anonymous) {
  asked.clear()
  const since = performance.now()
  const answers = await Promise.all(paths.map((path) => as.get(path)))
  const readings = Math.max(...asked.values())
  return { answers, readings, seconds: 1 + Math.floor((performance.now() - since) / 1_000) }
}

test('two hundred viewers of a show, of the list and of the products take one reading of each', async () => {
  const seller = await signedIn(app.url)
  const product = await aProduct(seller)
  const show = await aBroadcast(seller, [product.id])
  const viewer = await signedIn(app.url)
  for (const path of [`/broadcasts/${show.id}`, '/broadcasts?state=open', `/products?seller=${seller.id}`]) {
    const { answers, readings, seconds } = await crowd(
      Array.from({ length: 200 }, () => path),
      viewer,
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), path)
    assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
    // what is shared is a second old at most, and forgotten when the news of a change come round, the product's and the show's here
    assert.ok(readings <= seconds + 2, `${path} took ${readings} readings in ${seconds} s`)
    const etag = answers[0]?.headers.get('etag') ?? ''
    assert.match(etag, /^"[\w-]{27}"$/)
    assert.equal((await viewer.get(path, { 'if-none-match': etag })).status, 304)
  }
})

test('a change is seen at once where it was made, by its seller everywhere, and by everybody within a second', async () => {
  const seller = await signedIn(app.url)
  const [one, two] = [await aProduct(seller), await aProduct(seller)]
  const show = await aBroadcast(seller, [one.id, two.id])
  const elsewhere = Object.assign(await signedIn(other.url), { token: seller.token })
  const path = `/broadcasts/${show.id}`
  const pinnedFor = async (client: typeof other.anonymous) => (await client.expect(200, 'GET', path)).pinnedProductId
  assert.equal(await pinnedFor(app.anonymous), null)
  assert.equal(await pinnedFor(other.anonymous), null)
  await seller.expect(201, 'POST', `${path}/pins`, { productId: two.id })
  assert.equal(await pinnedFor(app.anonymous), two.id)
  assert.equal(await pinnedFor(elsewhere), two.id)
  const since = livedTime()
  while ((await pinnedFor(other.anonymous)) !== two.id) assert.ok(since.ms() < 2_000)
  since.stop()

  await seller.expect(200, 'PATCH', `/products/${one.id}`, { name: 'Barley tea' })
  const { products } = await app.anonymous.expect(200, 'GET', path)
  assert.equal(products[0].name, 'Barley tea')
})

test('what is somebody’s own is never shared', async () => {
  const [ann, bo] = [await signedIn(app.url), await signedIn(app.url)]
  const hidden = await aProduct(ann)
  await ann.expect(200, 'PATCH', `/products/${hidden.id}`, { listed: false })
  await aBroadcast(bo)
  const listed = async (client: typeof ann, path: string) =>
    (await client.expect(200, 'GET', path)).items.map(({ id }: { id: string }) => id)
  assert.deepEqual(await listed(ann, '/products?seller=me'), [hidden.id])
  assert.deepEqual(await listed(bo, '/products?seller=me'), [])
  assert.equal((await listed(bo, '/broadcasts?seller=me')).length, 1)
  assert.deepEqual(await listed(ann, '/broadcasts?seller=me'), [])
  assert.deepEqual(await listed(bo, `/products?seller=${ann.id}`), [])
  await app.anonymous.expect(401, 'GET', '/products?seller=me')
})
