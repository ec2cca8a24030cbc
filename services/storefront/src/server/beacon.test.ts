import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { createStorefrontApp } from './app.ts'
import { budget } from './beacon-budget.ts'

async function startServer(t: TestContext, options: { beaconPercent?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-site-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>')
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const log = createLogger({ service: 'storefront', level: 'warn' }, { write })
  const registry = createRegistry('storefront')
  const server = await startHttpServer(createStorefrontApp({ log, registry, folder, ...options }), {
    port: 0,
    host: '127.0.0.1',
  })
  t.after(async () => {
    await server.close(0)
    await rm(folder, { recursive: true })
  })
  const url = `http://127.0.0.1:${server.port}`
  const metrics = async () => (await registry.metrics()).split('\n')
  return {
    url,
    lines,
    /** Samples of a metric that are not 0, without the label that all have. */
    samples: async (name: string) =>
      (await metrics())
        .filter((line) => line.startsWith(name) && !line.endsWith(' 0'))
        .map((line) => line.replace(/,service="storefront"|service="storefront",?/, '')),
    series: async () => (await metrics()).filter((line) => line.startsWith('storefront_')).length,
    tell: (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
      fetch(`${url}/beacon`, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

const fault = { kind: 'error', own: true, text: 'TypeError: x is undefined', at: '/assets/index-1.js:1:2' }

test('what a page tells becomes metrics with units, and a fault a line of the log', async (t) => {
  const { tell, samples, lines } = await startServer(t)
  const player = { firstPictures: [{ begun: 'load', ms: 800 }], stallsMs: [1_500, 500], playedMs: 58_000 }
  const vitals = { lcpMs: 1_200, inpMs: 48, cls: 0.01 }
  const answer = await tell({ page: 'watch', first: true, vitals, player, faults: [fault] })
  assert.equal(answer.status, 204)
  assert.deepEqual(await samples('storefront_beacons_total'), ['storefront_beacons_total{outcome="taken"} 1'])
  assert.deepEqual(await samples('storefront_visits_total'), ['storefront_visits_total{page="watch"} 1'])
  assert.deepEqual(await samples('storefront_first_picture_seconds_sum'), [
    'storefront_first_picture_seconds_sum{begun="load"} 0.8',
  ])
  assert.deepEqual(await samples('storefront_stall_seconds_sum'), ['storefront_stall_seconds_sum{} 2'])
  assert.deepEqual(await samples('storefront_played_seconds_total'), ['storefront_played_seconds_total{} 58'])
  assert.deepEqual(await samples('storefront_largest_paint_seconds_sum'), [
    'storefront_largest_paint_seconds_sum{page="watch"} 1.2',
  ])
  assert.deepEqual(await samples('storefront_interaction_seconds_sum'), [
    'storefront_interaction_seconds_sum{page="watch"} 0.048',
  ])
  assert.deepEqual(await samples('storefront_layout_shift_score_sum'), [
    'storefront_layout_shift_score_sum{page="watch"} 0.01',
  ])
  assert.deepEqual(await samples('storefront_page_faults_total'), [
    'storefront_page_faults_total{page="watch",kind="error",source="own"} 1',
  ])
  const [line] = lines
  assert.deepEqual(
    [line?.['event'], line?.['text'], line?.['at'], line?.['page']],
    ['page.fault', 'TypeError: x is undefined', '/assets/index-1.js:1:2', 'watch'],
  )
})

test('hostile bodies are refused and leave neither a series nor a line', async (t) => {
  const { tell, samples, series, lines } = await startServer(t)
  const before = await series()
  const bodies: unknown[] = [
    '',
    'null',
    '[]',
    '{"page":"watch"',
    '"watch"',
    {},
    { page: 'https://shop.example/?token=x' },
    { page: '__proto__' },
    { page: 'watch', extra: 1 },
    { page: 'watch', vitals: { lcpMs: -1 } },
    { page: 'watch', vitals: { lcpMs: 1e12 } },
    '{"page":"watch","vitals":{"cls":1e999}}',
    { page: 'watch', vitals: { name: 1 } },
    { page: 'watch', player: { firstPictures: [], stallsMs: [Number.NaN], playedMs: 1 } },
    { page: 'watch', player: { firstPictures: [], stallsMs: Array.from({ length: 51 }, () => 1), playedMs: 1 } },
    { page: 'watch', player: { firstPictures: [{ begun: 'x', ms: 1 }], stallsMs: [], playedMs: 1 } },
    { page: 'watch', faults: [{ ...fault, kind: 'x' }] },
    { page: 'watch', faults: [{ ...fault, text: 'x'.repeat(501) }] },
    { page: 'watch', faults: Array.from({ length: 6 }, () => fault) },
    { page: 'watch', faults: [{ ...fault, text: { toString: null } }] },
    '['.repeat(8_000),
  ]
  for (const body of bodies) {
    const { status, headers } = await tell(body)
    assert.equal(status, 400, JSON.stringify(body))
    assert.equal(headers.get('content-type'), 'application/problem+json')
  }
  assert.equal((await tell(' '.repeat(9_000))).status, 413)
  assert.equal((await tell({ page: 'watch' }, { 'content-type': 'text/plain' })).status, 415)
  const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  assert.equal((await tell({ page: 'watch' }, packed)).status, 415)
  assert.deepEqual(await samples('storefront_beacons_total'), [
    `storefront_beacons_total{outcome="invalid"} ${bodies.length + 3}`,
  ])
  assert.equal(await series(), before)
  assert.deepEqual(lines, [])
})

test('a fault’s text is logged without secrets, addresses and queries, on one line', async (t) => {
  const { tell, lines } = await startServer(t)
  const text = 'x\n{"event":"forged"} at https://a.example/p?token=abc of kim@example.com'
  assert.equal((await tell({ page: 'shop', faults: [{ ...fault, text, at: '/pay/x?key=1' }] })).status, 204)
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.['text'], 'x {"event":"forged"} at https://a.example/p[…] of […]')
  assert.equal(lines[0]?.['at'], '/pay/x[…]')
})

test('one address is heard so often, and no more; others are heard still', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] }) // the minute that is counted does not end, however long the requests take
  const { tell, samples, url } = await startServer(t)
  for (let n = 0; n < budget.address; n++) await (await tell({ page: 'home' })).body?.cancel()
  const refused = await tell({ page: 'home' })
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('retry-after'), '60')
  const other = await tell({ page: 'home' }, { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' })
  assert.equal(other.status, 204)
  assert.ok((await samples('storefront_beacons_total')).includes('storefront_beacons_total{outcome="limited"} 1'))
  assert.equal((await fetch(url)).status, 200)
})

test('a page that fails for everybody fills no log: the rest is only counted', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  const { tell, lines, samples } = await startServer(t)
  for (let n = 0; n < 20; n++)
    await (await tell({ page: 'home', faults: Array.from({ length: 5 }, () => fault) })).body?.cancel()
  assert.equal(lines.length, budget.faultsLogged)
  assert.match((await samples('storefront_page_faults_total')).join(''), / 100$/)
})

test('the share of visits that tell is said with each document; of none the route is gone', async (t) => {
  const quarter = await startServer(t, { beaconPercent: 25 })
  assert.equal((await fetch(quarter.url)).headers.get('server-timing'), 'beacon;desc="25"')
  const all = await startServer(t)
  assert.equal((await fetch(all.url)).headers.get('server-timing'), null)
  const none = await startServer(t, { beaconPercent: 0 })
  assert.equal((await none.tell({ page: 'home' })).status, 405)
  assert.equal((await fetch(`${all.url}/beacon`, { method: 'PUT' })).status, 405)
})
