import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { createStorefrontApp } from './app.ts'

const page = '<!doctype html><head><title>MyTaek1</title></head>'
const show = {
  title: '감귤 <b>"특가"</b>',
  sellerName: '제주농장',
  products: [{ name: '감귤 5kg' }, { name: '꿀' }],
  imageUrls: null,
  state: 'live',
  hlsOrigin: null,
}

async function listen(t: TestContext, answer: () => { status: number; body?: unknown } | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    const said = answer()
    if (said) response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function visit(
  t: TestContext,
  answer: Parameters<typeof listen>[1],
  { path = '/watch/b-1', answerMs = 60_000 } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-site-'))
  await writeFile(join(folder, 'index.html'), page)
  const log = createLogger({ service: 'storefront', level: 'error' })
  const previews = { commerceUrl: await listen(t, answer), publicUrl: 'https://shop.example', answerMs }
  const app = createStorefrontApp({ log, registry: createRegistry('storefront'), folder, previews })
  const server = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
  t.after(async () => {
    await server.close(0)
    await rm(folder, { recursive: true })
  })
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src/)
  return await response.text()
}

test('a link to a show has its title, seller, products and picture, and no text becomes markup', async (t) => {
  const html = await visit(t, () => ({ status: 200, body: show }))
  for (const tag of [
    '<title>감귤 &#60;b&#62;&#34;특가&#34;&#60;/b&#62; · MyTaek1</title>',
    '<meta property="og:title" content="감귤 &#60;b&#62;&#34;특가&#34;&#60;/b&#62;" />',
    '<meta property="og:description" content="제주농장 · 감귤 5kg, 꿀" />',
    '<meta property="og:url" content="https://shop.example/watch/b-1" />',
    '<meta property="og:image" content="https://shop.example/hls/b-1/thumbnail.jpg" />',
  ])
    assert.ok(html.includes(tag), `${tag} is not in ${html}`)
})

test('the picture that tells the page its shape is asked for with the document, where it is of our own and on', async (t) => {
  const preload = '<link rel="preload" as="image" href="/hls/b-1/thumbnail.jpg" />'
  assert.ok((await visit(t, () => ({ status: 200, body: show }))).includes(preload))
  for (const other of [{ state: 'ended' }, { state: 'interrupted' }, { hlsOrigin: 'https://live.example' }])
    assert.doesNotMatch(await visit(t, () => ({ status: 200, body: { ...show, ...other } })), /rel="preload"/)
})

test('an uploaded picture goes before one of the stream', async (t) => {
  const imageUrls = { full: { jpeg: '/images/a.jpg' } }
  const html = await visit(t, () => ({ status: 200, body: { ...show, imageUrls } }))
  assert.ok(html.includes('<meta property="og:image" content="https://shop.example/images/a.jpg" />'), html)
})

test('an answer that came while the server itself stood still is one', async (t) => {
  const standStill = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200)
  const answer = () => {
    setImmediate(standStill) // after it was written
    return { status: 200, body: show }
  }
  assert.match(await visit(t, answer, { answerMs: 1_000 }), /og:title/)
})

test('a show that is not there, a commerce that fails or says nothing, and other pages: the page as it is', async (t) => {
  for (const answer of [() => ({ status: 404 }), () => ({ status: 500 })]) assert.equal(await visit(t, answer), page)
  assert.equal(await visit(t, () => undefined, { answerMs: 50 }), page)
  assert.equal(await visit(t, () => ({ status: 200, body: { title: 1 } })), page)
  assert.equal(await visit(t, () => ({ status: 200, body: show }), { path: '/orders' }), page)
})

test('a link to a product has its name, words and lead picture; one to a seller the names', async (t) => {
  const imageUrls = { full: { jpeg: '/images/a.jpg' } }
  const product = { name: '유자차 <1kg>', description: '고흥에서\n담근 "유자차"', imageUrls }
  const html = await visit(t, () => ({ status: 200, body: product }), { path: '/products/prd_1' })
  for (const tag of [
    '<meta property="og:type" content="product" />',
    '<meta property="og:title" content="유자차 &#60;1kg&#62;" />',
    '<meta property="og:description" content="고흥에서 담근 &#34;유자차&#34;" />',
    '<meta property="og:url" content="https://shop.example/products/prd_1" />',
    '<meta property="og:image" content="https://shop.example/images/a.jpg" />',
  ])
    assert.ok(html.includes(tag), `${tag} is not in ${html}`)
  const seller = { displayName: '제주농장', business: { name: '제주농장 주식회사' } }
  const page = await visit(t, () => ({ status: 200, body: seller }), { path: '/sellers/acc_1' })
  assert.ok(page.includes('<meta property="og:title" content="제주농장" />'), page)
  assert.ok(page.includes('<meta property="og:description" content="제주농장 주식회사" />'), page)
})
