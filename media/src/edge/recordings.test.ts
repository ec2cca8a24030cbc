import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test, type TestContext } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectObjectStore, type ObjectStore } from '@mytaek1/platform/object-store.ts'
import { testBucket } from '@mytaek1/platform/testing/bucket.ts'
import type { Chapter } from '../recording/chapter.ts'
import { chapterKey, closedKey, mediaKey } from '../recording/layout.ts'
import { ByteBudget } from './byte-budget.ts'
import { Recordings, type RecordingsOptions } from './recordings.ts'
import { broadcastOf, edgeUnderTest, type HttpAnswer } from './testing/edge-under-test.ts'

const startMs = Date.UTC(2026, 0, 1)
const codeOf = ({ status, body }: HttpAnswer) => [status, (JSON.parse(String(body)) as { code: string }).code]

function bucket(t: TestContext): ObjectStore {
  const store = connectObjectStore(testBucket())
  t.after(() => store.close())
  return store
}

/** What a recorder would have stored: `count` segments of two seconds in one take. */
async function recorded(store: ObjectStore, broadcast: string, { take = 'mb1', count = 20, closed = false } = {}) {
  const put = (key: string, body: string) => store.put(key, Buffer.from(body), { contentType: 'video/mp4' })
  const segments = Array.from({ length: count }, (_, number) => ({
    number,
    seconds: 2,
    atMs: startMs + number * 2_000,
    bytes: 9,
  }))
  const chapter: Chapter = { init: 0, codecs: ['avc1.42c01f'], width: 320, height: 240, segments }
  await put(mediaKey(broadcast, `source/init-${take}-0.mp4`), 'init')
  await put(mediaKey(broadcast, `source/seg-${take}-0.m4s`), 'segment 0')
  await put(chapterKey(broadcast, { rendition: 'source', take, number: 0 }), JSON.stringify(chapter))
  if (closed) await put(closedKey(broadcast, take), '')
}

const noPod = () => assert.fail('the Pod was asked')

test('a closed recording is served as VOD: playlists for a while, media for good; its viewers are not counted', async (t) => {
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  const { ask, routes, live, viewers } = await edgeUnderTest(t, noPod, { store })
  routes.upsert(broadcastOf('b-1', live)) // the Pod lingers
  const index = await ask('/hls/b-1/recording/index.m3u8')
  assert.equal(index.headers['content-type'], 'application/vnd.apple.mpegurl')
  assert.match(String(index.body), /CODECS="avc1.42c01f",RESOLUTION=320x240\nsource\/media\.m3u8\n/)
  assert.equal(index.headers['cache-control'], 'public, max-age=600')
  assert.equal(index.headers['set-cookie'], undefined)
  const playlist = await ask('/hls/b-1/recording/source/media.m3u8?anything')
  assert.match(String(playlist.body), /#EXT-X-PLAYLIST-TYPE:VOD\n[^]*seg-mb1-0\.m4s\n[^]*#EXT-X-ENDLIST\n$/)
  for (const [file, content] of [
    ['init-mb1-0.mp4', 'init'],
    ['seg-mb1-0.m4s', 'segment 0'],
  ]) {
    const media = await ask(`/hls/b-1/recording/source/${file}`)
    assert.deepEqual([media.status, String(media.body)], [200, content])
    assert.equal(media.headers['content-type'], 'video/mp4')
    assert.equal(media.headers['cache-control'], 'public, max-age=31536000, immutable')
  }
  assert.equal(viewers.sweep(performance.now()).size, 0)
})

test('what a dead Pod left open is closed by its reader once the broadcast is over, or its object gone', async (t) => {
  const store = bucket(t)
  for (const name of ['b-live', 'b-ended', 'b-deleted']) await recorded(store, name)
  const { ask, routes, live } = await edgeUnderTest(t, noPod, { store })
  routes.upsert(broadcastOf('b-live', live))
  routes.upsert(broadcastOf('b-ended', { endedAt: '2026-01-01T00:00:00Z', phase: 'Ended' }, 'Ended'))
  const playlist = async (name: string) => await ask(`/hls/${name}/recording/source/media.m3u8`)
  const open = await playlist('b-live')
  assert.match(String(open.body), /#EXT-X-PLAYLIST-TYPE:EVENT\n/)
  assert.doesNotMatch(String(open.body), /ENDLIST/)
  assert.equal(open.headers['cache-control'], 'public, max-age=5')
  for (const name of ['b-ended', 'b-deleted']) {
    const closed = await playlist(name)
    assert.match(String(closed.body), /seg-mb1-19\.m4s\n#EXT-X-ENDLIST\n$/)
  }
})

test('a second take after a closed one opens the recording again', async (t) => {
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  await recorded(store, 'b-1', { take: 'mb2' })
  const { ask, routes, live } = await edgeUnderTest(t, noPod, { store })
  routes.upsert(broadcastOf('b-1', live))
  const { body } = await ask('/hls/b-1/recording/source/media.m3u8')
  assert.match(String(body), /seg-mb1-19\.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-mb2-0\.mp4"\n/)
  assert.doesNotMatch(String(body), /ENDLIST/)
})

test('where there is no recording, or no store, there is 404', async (t) => {
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  const { ask } = await edgeUnderTest(t, noPod, { store })
  for (const path of [
    'b-2/recording/index.m3u8',
    'b-1/recording/480p/media.m3u8',
    'b-1/recording/source/seg-mb1-9.m4s',
  ])
    assert.deepEqual(codeOf(await ask(`/hls/${path}`)), [404, 'recording_unknown'], path)
  const without = await edgeUnderTest(t, noPod)
  assert.deepEqual(codeOf(await without.ask('/hls/b-1/recording/index.m3u8')), [404, 'recording_unknown'])
})

test('only names that a recorder gives lead to the bucket', async (t) => {
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  await store.put('images/i-1.avif', Buffer.from('picture'), { contentType: 'image/avif' })
  const asked: string[] = []
  const watched: Pick<ObjectStore, 'list' | 'read'> = {
    list: (prefix) => (asked.push(prefix), store.list(prefix)),
    read: (key, options) => (asked.push(key), store.read(key, options)),
  }
  const { ask, routes, live } = await edgeUnderTest(t, noPod, { store: watched })
  routes.upsert(broadcastOf('b-1', live))
  for (const file of [
    '',
    'media.m3u8',
    'source/index.m3u8',
    'source/media.m3u8/x',
    'chapters/source-mb1-0.json',
    'chapters/closed-mb1',
    'source/seg-0.m4s',
    'source/seg-mb1-0.m4s/',
    'source/seg-mb1-0.mp4',
    'source/part-mb1-0.0.m4s',
    'source/../../../images/i-1.avif',
    '../../images/i-1.avif',
    '..%2F..%2Fimages/i-1.avif',
    'source//seg-mb1-0.m4s',
    'SOURCE/media.m3u8',
  ])
    assert.deepEqual(codeOf(await ask(`/hls/b-1/recording/${file}`)), [404, 'not_found'], file)
  assert.deepEqual(asked, [])
})

test('a store that fails is 503 with Retry-After, is asked again at once, and live goes on', async (t) => {
  let isDown = true
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  const failing: Pick<ObjectStore, 'list' | 'read'> = {
    list: (prefix) => (isDown ? Promise.reject(new Error('down')) : store.list(prefix)),
    read: (key, options) => (isDown ? Promise.reject(new Error('down')) : store.read(key, options)),
  }
  const { ask, routes, live } = await edgeUnderTest(t, (_request, response) => void response.end('live'), {
    store: failing,
  })
  routes.upsert(broadcastOf('b-1', live))
  for (const file of ['index.m3u8', 'source/media.m3u8', 'source/seg-mb1-0.m4s']) {
    const answer = await ask(`/hls/b-1/recording/${file}`)
    assert.deepEqual(codeOf(answer), [503, 'recording_unavailable'])
    assert.equal(answer.headers['retry-after'], '5')
  }
  assert.equal(String((await ask('/hls/b-1/source/media.m3u8')).body), 'live')
  isDown = false
  assert.equal((await ask('/hls/b-1/recording/index.m3u8')).status, 200)
})

test('a store that answers nothing is asked so many things and no more, and holds no place of live', async (t) => {
  const silent = Promise.withResolvers<undefined>()
  const asked = { count: 0 }
  const mute: Pick<ObjectStore, 'list' | 'read'> = {
    list: () => Promise.resolve([]),
    read: () => {
      asked.count += 1
      return silent.promise
    },
  }
  const { ask, routes, live, edge } = await edgeUnderTest(t, (_request, response) => void response.end('live'), {
    store: mute,
    maxHeld: 1_024,
  })
  routes.upsert(broadcastOf('b-1', live))
  const held = Array.from({ length: 64 }, (_, number) => ask(`/hls/b-1/recording/source/seg-mb1-${number}.m4s`))
  while (asked.count < 64) await new Promise(setImmediate)
  assert.deepEqual(codeOf(await ask('/hls/b-1/recording/source/seg-mb1-64.m4s')), [503, 'overloaded'])
  const again = Array.from({ length: 64 }, () => ask('/hls/b-1/recording/source/seg-mb1-0.m4s'))
  while (edge.held < 128) await new Promise(setImmediate)
  assert.deepEqual(codeOf(await ask('/hls/b-1/recording/source/seg-mb1-0.m4s')), [503, 'overloaded'], 'an eighth waits')
  assert.equal(String((await ask('/hls/b-1/source/media.m3u8')).body), 'live')
  silent.resolve(undefined)
  for (const answer of await Promise.all([...held, ...again])) assert.equal(answer.status, 404)
  assert.equal(asked.count, 64)
})

test('a chapter that cannot be read as one costs its segments only', async (t) => {
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  const bad = chapterKey('b-1', { rendition: 'source', take: 'mb1', number: 300 })
  await store.put(bad, Buffer.from('{"init": -1}'), { contentType: 'application/json' })
  const { ask } = await edgeUnderTest(t, noPod, { store })
  const { body } = await ask('/hls/b-1/recording/source/media.m3u8')
  assert.match(String(body), /seg-mb1-19\.m4s\n#EXT-X-ENDLIST\n$/)
})

test('what is not there is asked of the store once, and made-up names push out no recording', async (t) => {
  t.mock.method(performance, 'now', () => 1_000) // what is known is for some seconds, however long the requests take
  const store = bucket(t)
  await recorded(store, 'b-1', { closed: true })
  const asked: string[] = []
  const watched: Pick<ObjectStore, 'list' | 'read'> = {
    list: (prefix) => (asked.push(prefix), store.list(prefix)),
    read: (key, options) => (asked.push(key), store.read(key, options)),
  }
  const { ask } = await edgeUnderTest(t, noPod, { store: watched })
  assert.equal((await ask('/hls/b-1/recording/index.m3u8')).status, 200)
  const known = asked.length
  for (const file of ['index.m3u8', 'index.m3u8', 'source/media.m3u8', 'source/seg-mb1-7.m4s', 'source/seg-mb1-7.m4s'])
    assert.equal((await ask(`/hls/b-none/recording/${file}`)).status, 404)
  assert.deepEqual(asked.slice(known), ['recordings/b-none/chapters/', 'recordings/b-none/source/seg-mb1-7.m4s'])
  for (let number = 0; number < 70; number++) await ask(`/hls/b-none-${number}/recording/index.m3u8`)
  const before = asked.length
  assert.equal((await ask('/hls/b-1/recording/source/media.m3u8')).status, 200)
  assert.equal(asked.length, before, 'its recording is still known')
})

test('of files that are read at once no more are in memory than their budget has room for', async () => {
  const budget = new ByteBudget({ maxBytes: 64 * 1024 * 1024 })
  const inMemory = new EventEmitter<{ read: [() => void] }>()
  let reading = 0
  const store: RecordingsOptions['store'] = {
    list: () => Promise.resolve([]),
    read: async (_key, { onLength }) => {
      await onLength?.(20 * 1024 * 1024, new AbortController().signal)
      reading += 1
      await new Promise<void>((resolve) => inMemory.emit('read', resolve))
      reading -= 1
      return Buffer.from('segment')
    },
  }
  const log = createLogger({ service: 'test' }, { write: () => {} })
  const recordings = new Recordings({ store, isOver: () => true, budget, log })
  const finish: (() => void)[] = []
  inMemory.on('read', (end) => finish.push(end))
  const answers = Array.from({ length: 10 }, (_, number) =>
    recordings.answer({
      broadcast: 'b',
      path: `/recording/source/seg-mb1-${number}.m4s`,
      query: '',
      key: '',
      kind: 'recording',
    }),
  )
  let most = 0
  for (let done = 0; done < answers.length; done += 1) {
    while (finish.length === 0) await new Promise(setImmediate)
    most = Math.max(most, reading)
    finish.shift()?.()
  }
  assert.ok((await Promise.all(answers)).every(({ status }) => status === 200))
  assert.deepEqual([most, budget.bytes], [2, 0])
})
