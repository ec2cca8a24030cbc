import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startHttpServer, type HttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { createStorefrontApp } from './app.ts'

let folder: string
let server: HttpServer
const page = '<!doctype html><title>page</title>'

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mytaek1-site-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), page)
  await writeFile(join(folder, 'assets/main-abc123.js'), 'plain')
  await writeFile(join(folder, 'assets/main-abc123.js.br'), 'packed')
  const log = createLogger({ service: 'storefront', level: 'error' })
  const app = createStorefrontApp({ log, registry: createRegistry('storefront'), folder })
  server = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
})

after(async () => {
  await server.close(0)
  await rm(folder, { recursive: true })
})

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)

test('every page of the application is the same document, asked for again at each visit', async () => {
  for (const path of ['/', '/watch/b-1', '/studio', '/orders?cursor=x']) {
    const response = await get(path)
    assert.equal(response.status, 200, path)
    assert.equal(await response.text(), page)
    assert.equal(response.headers.get('cache-control'), 'no-cache')
  }
})

test('a page that is known is not sent twice', async () => {
  const etag = (await get('/')).headers.get('etag') ?? ''
  assert.equal((await get('/studio', { headers: { 'if-none-match': etag } })).status, 304)
})

test('hashed files are kept for ever and come compressed to who takes it', async () => {
  const packed = await get('/assets/main-abc123.js', { headers: { 'accept-encoding': 'identity, br' } })
  assert.equal(packed.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.equal(packed.headers.get('content-encoding'), 'br')
  await packed.body?.cancel()
  const plain = await get('/assets/main-abc123.js', { headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.headers.get('vary'), 'Accept-Encoding')
  assert.equal(await plain.text(), 'plain')
})

test('a missing file and other services’ paths are 404, never the page', async () => {
  const paths = ['/assets/gone.js', '/assets/gone', '/api/commerce/v1/orders', '/hls/b-1', '/images/x', '/favicon.ico']
  for (const path of paths) {
    const response = await get(path)
    assert.equal(response.status, 404, path)
    assert.equal(response.headers.get('content-type'), 'application/problem+json', path)
  }
})

test('nothing outside the folder is served', async () => {
  for (const path of [
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/%zz',
  ])
    assert.ok(!(await (await get(path)).text()).includes('root:'), path)
})

test('only reading is allowed, and a range that makes no sense does no harm', async () => {
  const post = await get('/', { method: 'POST' })
  assert.equal(post.status, 405)
  assert.equal(post.headers.get('allow'), 'GET, HEAD')
  assert.equal((await get('/', { method: 'HEAD' })).status, 200)
  for (const range of ['bytes=9-2', 'bytes=999-', 'bytes=-5', 'x']) {
    assert.equal((await get('/', { headers: { range } })).status, 200, range)
  }
})

test('streams of an origin of their own may be read, and nothing else is', async (t) => {
  const log = createLogger({ service: 'storefront', level: 'error' })
  const hlsUrl = 'https://live.example/'
  const app = createStorefrontApp({ log, registry: createRegistry('storefront'), folder, hlsUrl })
  const other = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
  t.after(() => other.close(0))
  const { headers } = await fetch(`http://127.0.0.1:${other.port}/`)
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /connect-src 'self' https:\/\/live\.example;/)
  assert.match(policy, /media-src 'self' blob: https:\/\/live\.example;/)
  assert.equal(policy.split('https://').length, 3)
  assert.match((await get('/')).headers.get('content-security-policy') ?? '', /connect-src 'self';/)
})

test('scripts, frames and types of other origins are kept out', async () => {
  const { headers } = await get('/')
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; script-src 'self';/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.ok(!policy.includes('unsafe'))
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('strict-transport-security'), null)
  const secure = await get('/', { headers: { 'x-forwarded-proto': 'https' } })
  assert.match(secure.headers.get('strict-transport-security') ?? '', /max-age/)
})

test('scripts and frames of others are let in only where a payment window needs them', async (t) => {
  const policyOf = async (portone: boolean) => {
    const log = createLogger({ service: 'storefront', level: 'error' })
    const app = createStorefrontApp({ log, registry: createRegistry('storefront'), folder, portone })
    const other = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
    t.after(() => other.close(0))
    return (await fetch(`http://127.0.0.1:${other.port}/`)).headers.get('content-security-policy') ?? ''
  }
  const usual = await policyOf(false)
  assert.match(usual, /script-src 'self';/)
  assert.doesNotMatch(usual, /https:/)
  const portone = await policyOf(true)
  assert.match(portone, /script-src 'self' https:\/\/cdn\.portone\.io;.*frame-src https:/)
  assert.match(portone, /default-src 'none';.*frame-ancestors 'none'/)
})
