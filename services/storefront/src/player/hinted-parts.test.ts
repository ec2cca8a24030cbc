import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderResponse,
  LoadStats,
} from 'hls.js'
import { HintedParts, hintedPartLoader } from './hinted-parts.ts'

test('an announced part is asked for before hls.js wants it, and hls.js gets it without asking again', async (t) => {
  const { held, announce, load, plain } = await player(t)
  load('part-7.0.m4s')
  const asked = once(held, 'asked')
  announce('part-7.0.m4s', 'part-7.1.m4s')
  const [url, response] = (await asked) as [string, ServerResponse]
  assert.equal(url, '/hls/b-1/source/part-7.1.m4s')
  announce('part-7.0.m4s', 'part-7.2.m4s') // by the playlist that lists 7.1
  const loaded = load('part-7.1.m4s')
  response.end('part')
  const { data } = await loaded.response
  assert.ok(data instanceof ArrayBuffer)
  assert.equal(Buffer.from(data).toString(), 'part')
  assert.deepEqual(plain, ['part-7.0.m4s'])
  const { loading, loaded: bytes } = loaded.stats
  assert.equal(bytes, 4)
  assert.equal(loading.first, loading.start, 'the time that the server held it counts for no bandwidth')
})

test('a part that lay ready while the page was busy counts for the time of its transfer, not for the wait', async (t) => {
  let now = 1_000
  t.mock.method(performance, 'now', () => now)
  const { held, announce, load } = await player(t)
  const bodies = new EventEmitter<{ arrived: [] }>()
  const ask = globalThis.fetch
  t.mock.method(globalThis, 'fetch', async (...request: Parameters<typeof fetch>) => {
    const answer = await ask(...request)
    const body = await answer.arrayBuffer()
    setImmediate(() => bodies.emit('arrived'))
    return new Response(body)
  })
  load('part-7.0.m4s')
  const asked = once(held, 'asked')
  announce('part-7.0.m4s', 'part-7.1.m4s')
  const [, response] = (await asked) as [string, ServerResponse]
  const arrived = once(bodies, 'arrived')
  response.end('part')
  await arrived
  await new Promise(setImmediate)
  now += 200 // the page is busy
  const { response: loaded, stats } = load('part-7.1.m4s')
  await loaded
  assert.equal(stats.loading.end, 1_200, 'hls.js adds the parsing, which comes now')
  assert.equal(stats.loading.end - stats.loading.start, 0, 'the transfer took no time')
})

test('whoever does not play the newest parts gets none ahead', async (t) => {
  const { held, announce, load } = await player(t)
  held.on('asked', () => assert.fail('asked'))
  load('seg-2.m4s')
  announce('part-7.0.m4s', 'part-7.1.m4s')
  await new Promise(setImmediate)
})

test('a part that does not come is asked for as ever', async (t) => {
  const { held, announce, load, plain } = await player(t)
  load('part-7.0.m4s')
  const asked = once(held, 'asked')
  announce('part-7.0.m4s', 'part-7.1.m4s')
  const [, response] = (await asked) as [string, ServerResponse]
  const { loader } = load('part-7.1.m4s')
  response.writeHead(404).end()
  await once(loader.events, 'load')
  assert.deepEqual(plain, ['part-7.0.m4s', 'part-7.1.m4s'])
})

test('hls.js may give a part up: it hears of it, and the request ends', async (t) => {
  const { held, announce, load } = await player(t)
  load('part-7.0.m4s')
  const asked = once(held, 'asked')
  announce('part-7.0.m4s', 'part-7.1.m4s')
  const [, response] = (await asked) as [string, ServerResponse]
  const gone = once(response, 'close')
  const { loader, aborted } = load('part-7.1.m4s')
  loader.abort()
  await Promise.all([gone, aborted])
  assert.equal(loader.stats.aborted, true)
})

/** hls.js's own loader, as far as it matters: it notes what it is told to load. */
class PlainLoader implements Loader<FragmentLoaderContext> {
  context: FragmentLoaderContext | null = null
  stats = new LoadStats()
  readonly events = new EventEmitter<{ load: [string] }>()

  abort(): void {}
  destroy(): void {}
  load(
    { url }: FragmentLoaderContext,
    _config: LoaderConfiguration,
    _callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    assert.equal(this.stats.loading.start, 0, 'a loader can only be used once')
    this.events.emit('load', url)
  }
}

/** A server that holds every part, and a player's loaders. */
async function player(t: TestContext) {
  const held = new EventEmitter<{ asked: [string, ServerResponse] }>()
  const server = createServer((request, response) => void held.emit('asked', request.url ?? '', response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hls/b-1/source/`
  const parts = new HintedParts()
  t.after(() => {
    parts.close()
    server.closeAllConnections()
    server.close()
  })
  const plain: string[] = []
  const Hinted = hintedPartLoader(PlainLoader, parts)
  const load = (name: string) => {
    const loader = new Hinted({} as HlsConfig) as PlainLoader
    loader.events.on('load', (url) => plain.push(url.slice(base.length)))
    const { promise: response, resolve } = Promise.withResolvers<LoaderResponse>()
    const { promise: aborted, resolve: onAbort } = Promise.withResolvers<unknown>()
    const context = { url: base + name } as FragmentLoaderContext
    loader.load(context, {} as LoaderConfiguration, {
      onSuccess: (answer) => resolve(answer),
      onError: (error) => assert.fail(error.text),
      onTimeout: () => assert.fail('timeout'),
      onAbort,
    })
    return { loader, response, aborted, stats: loader.stats }
  }
  const announce = (listed: string, hinted: string) =>
    parts.announced({
      url: `${base}media.m3u8?_HLS_msn=7&_HLS_part=0`,
      preloadHint: { TYPE: 'PART', URI: hinted },
      partList: [{ url: base + listed }],
    })
  return { held, announce, load, plain }
}
