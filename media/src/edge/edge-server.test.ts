import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { answerWith, broadcastOf, edgeUnderTest } from './testing/edge-under-test.ts'

test('a hundred viewers of one held playlist state are one upstream request, and all get its body', async (t) => {
  const asked: string[] = []
  const pending: ServerResponse[] = []
  const { routes, ask, live, edge } = await edgeUnderTest(t, (request, response) => {
    asked.push(request.url ?? '')
    pending.push(response)
  })
  routes.upsert(broadcastOf('b-1', live))
  const viewers = Array.from({ length: 100 }, () => ask('/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=2&utm=x'))
  while (edge.held < 100) await new Promise(setImmediate)
  const [response] = pending
  assert.ok(response)
  answerWith(response, '#EXTM3U\n', 'public, max-age=24')
  const answers = await Promise.all(viewers)
  assert.deepEqual(asked, ['/source/media.m3u8?_HLS_msn=7&_HLS_part=2'])
  assert.ok(answers.every(({ status, body }) => status === 200 && body.toString() === '#EXTM3U\n'))
  assert.equal(answers[0]?.headers['cache-control'], 'public, max-age=24')
  assert.equal(answers[0]?.headers['access-control-allow-origin'], '*')
  const late = await ask('/hls/b-1/source/media.m3u8?_HLS_part=2&_HLS_msn=7')
  assert.equal(late.status, 200)
  assert.equal(asked.length, 1)
})

test('whatever is asked for that came long ago is one upstream request, and fresh', async (t) => {
  const asked: string[] = []
  const now: ServerResponse[] = [] // which is old a moment later: it is not given before all have asked
  const { routes, ask, live, edge } = await edgeUnderTest(t, (request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/source/media.m3u8') now.push(response)
    else answerWith(response, '#EXTM3U\n', 'public, max-age=24')
  })
  routes.upsert(broadcastOf('b-1', live))
  const playlist = '/hls/b-1/source/media.m3u8'
  const waits = ['?_HLS_msn=9&_HLS_part=1', '?_HLS_msn=8']
  for (const wait of waits) await ask(playlist + wait)
  const late = Array.from({ length: 8 }, (_, msn) => ask(`${playlist}?_HLS_msn=${msn}&_HLS_part=${msn * 7}`))
  while (edge.held < 8) await new Promise(setImmediate)
  for (const response of now) answerWith(response, '#EXTM3U\n', 'public, max-age=24')
  await Promise.all(late)
  assert.deepEqual(asked, [...waits.map((wait) => `/source/media.m3u8${wait}`), '/source/media.m3u8'])
})

test('a part is fetched once and then served from memory, with its Age once it has one', async (t) => {
  let asked = 0
  const { routes, ask, live } = await edgeUnderTest(t, (_request, response) => {
    asked += 1
    answerWith(response, 'part', 'public, max-age=3600, immutable', 'video/mp4')
  })
  routes.upsert(broadcastOf('b-1', live))
  const first = await ask('/hls/b-1/source/part-3.0.m4s')
  const second = await ask('/hls/b-1/source/part-3.0.m4s')
  assert.equal(first.body.toString(), 'part')
  assert.equal(second.headers['content-type'], 'video/mp4')
  assert.equal(asked, 1)
})

test('a part that a playlist announced is there for its viewers even if the Pod is not any more', async (t) => {
  const parts = new EventEmitter<{ asked: [ServerResponse] }>()
  const urls: string[] = []
  const { routes, ask, live } = await edgeUnderTest(t, (request, response) => {
    urls.push(request.url ?? '')
    if (request.url?.includes('part-')) parts.emit('asked', response)
    else answerWith(response, '#EXTM3U\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-7.1.m4s"\n', 'public, max-age=9')
  })
  routes.upsert(broadcastOf('b-1', live))
  const asked = once(parts, 'asked')
  await ask('/hls/b-1/480p/media.m3u8?_HLS_msn=7&_HLS_part=0')
  const [held] = (await asked) as [ServerResponse]
  answerWith(held, 'part', 'public, max-age=3600', 'video/mp4')
  const early = ask('/hls/b-1/480p/part-7.1.m4s')
  assert.equal((await early).body.toString(), 'part')
  routes.upsert(broadcastOf('b-1', { podName: 'pod-2' }))
  assert.equal((await ask('/hls/b-1/480p/part-7.1.m4s')).body.toString(), 'part')
  assert.deepEqual(urls, ['/480p/media.m3u8?_HLS_msn=7&_HLS_part=0', '/480p/part-7.1.m4s'])
})

test('a part that no Pod has any more is asked of the next Pod, and what that one says is the answer', async (t) => {
  const { routes, ask, live, edge } = await edgeUnderTest(t, (_request, response) => response.writeHead(404).end())
  routes.upsert(broadcastOf('b-1', { podName: 'pod-2' }))
  const answer = ask('/hls/b-1/source/part-7.1.m4s')
  while (edge.held < 1) await new Promise(setImmediate)
  routes.upsert(broadcastOf('b-1', live))
  assert.equal((await answer).status, 404)
})

test('what must not be stored is asked for again', async (t) => {
  let asked = 0
  const { routes, ask, live } = await edgeUnderTest(t, (_request, response) => {
    asked += 1
    response.writeHead(404, { 'cache-control': 'public, max-age=60' }).end()
  })
  routes.upsert(broadcastOf('b-1', live))
  assert.equal((await ask('/hls/b-1/source/part-3.0.m4s')).status, 404)
  assert.equal((await ask('/hls/b-1/source/part-3.0.m4s')).status, 404)
  assert.equal(asked, 2)
})

const windowOf = (first: number, last: number) =>
  [
    '#EXTM3U',
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    ...Array.from({ length: last - first }, (_, index) => `#EXTINF:2,\nseg-${first + index}.m4s`),
    `#EXT-X-PART:DURATION=0.5,URI="part-${last}.0.m4s"\n`,
  ].join('\n')

test('numbers that no playlist can list are asked of no Pod, a hundred times or once', async (t) => {
  const asked: string[] = []
  const { routes, ask, live } = await edgeUnderTest(t, (request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.includes('.m3u8')) answerWith(response, windowOf(100, 110), 'public, max-age=1')
    else response.writeHead(404, { 'cache-control': 'no-store' }).end()
  })
  routes.upsert(broadcastOf('b-1', live))
  await ask('/hls/b-1/source/media.m3u8?_HLS_msn=110&_HLS_part=0')
  for (const file of ['source/seg-3.m4s', '480p/seg-99999.m4s', 'source/part-7.2.m4s', 'made0up/part-5000.0.m4s']) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`/hls/b-1/${file}`)))
    for (let again = 0; again < 50; again++) answers.push(await ask(`/hls/b-1/${file}`))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [404], file)
  }
  const tooFar = await ask('/hls/b-1/source/media.m3u8?_HLS_msn=99999')
  assert.deepEqual([tooFar.status, (JSON.parse(String(tooFar.body)) as { code: string }).code], [400, 'too_far_ahead'])
  assert.deepEqual(asked, ['/source/media.m3u8?_HLS_msn=110&_HLS_part=0'])
  await ask('/hls/b-1/source/seg-109.m4s')
  await ask('/hls/b-1/source/part-110.1.m4s')
  assert.deepEqual(asked.slice(1), ['/source/seg-109.m4s', '/source/part-110.1.m4s'], 'what may be there is asked for')
})

test('what a playlist listed long since and its Pod does not have is asked for once a second, what may come each time', async (t) => {
  const asked: string[] = []
  const { routes, ask, live } = await edgeUnderTest(t, (request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.includes('.m3u8')) answerWith(response, windowOf(100, 110), 'public, max-age=1')
    else response.writeHead(404, { 'cache-control': 'no-store' }).end()
  })
  routes.upsert(broadcastOf('b-1', live))
  await ask('/hls/b-1/source/media.m3u8')
  t.mock.method(
    performance,
    'now',
    (
      (now) => () =>
        now
    )(performance.now()),
  )
  for (const file of ['seg-104', 'part-104.7', 'seg-110'])
    for (let n = 0; n < 3; n++) await ask(`/hls/b-1/source/${file}.m4s`)
  const segments = asked.filter((url) => url.includes('.m4s'))
  assert.deepEqual(segments, [
    '/source/seg-104.m4s',
    '/source/part-104.7.m4s',
    '/source/seg-110.m4s',
    '/source/seg-110.m4s',
    '/source/seg-110.m4s',
  ])
})

test('a playlist is compressed for who takes it, and says so', async (t) => {
  const playlist = '#EXTM3U\n'.repeat(200)
  const { routes, ask, live } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, playlist, 'public, max-age=5'),
  )
  routes.upsert(broadcastOf('b-1', live))
  const plain = await ask('/hls/b-1/index.m3u8')
  const small = await ask('/hls/b-1/index.m3u8', { 'accept-encoding': 'br, gzip' })
  assert.equal(plain.body.toString(), playlist)
  assert.equal(small.headers['content-encoding'], 'gzip')
  assert.equal(small.headers.vary, 'Accept-Encoding')
  assert.equal(gunzipSync(small.body).toString(), playlist)
})

test('a request is held while the Pod is replaced and answered by the next one', async (t) => {
  const { routes, ask, live, edge } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, 'new', 'no-store'),
  )
  routes.upsert(
    broadcastOf('b-1', { podName: 'pod-2', publisher: { sessionId: 's', ingestPod: 'i', connectedAt: '' } }),
  )
  const answer = ask('/hls/b-1/source/media.m3u8')
  while (edge.held < 1) await new Promise(setImmediate)
  routes.upsert(broadcastOf('b-1', live))
  assert.equal((await answer).body.toString(), 'new')
})

test('a Pod that does not answer yet is asked again until it does', async (t) => {
  let asked = 0
  const { routes, ask, live } = await edgeUnderTest(t, (request, response) => {
    asked += 1
    if (asked === 1) request.socket.destroy()
    else if (asked === 2) response.writeHead(503).end()
    else answerWith(response, 'up', 'no-store')
  })
  routes.upsert(broadcastOf('b-1', live))
  assert.equal((await ask('/hls/b-1/index.m3u8')).body.toString(), 'up')
})

test('no Pod in time is 503 with Retry-After; unknown, idle and ended say what they are', async (t) => {
  const { routes, ask } = await edgeUnderTest(t, () => {}, { holdMs: 50 })
  routes.upsert(broadcastOf('b-pending', { podName: 'p' }))
  routes.upsert(broadcastOf('b-idle', {}))
  routes.upsert(broadcastOf('b-ended', { endedAt: '2026-01-01T00:00:00Z', phase: 'Ended' }, 'Ended'))
  const pending = await ask('/hls/b-pending/index.m3u8')
  assert.equal(pending.status, 503)
  assert.equal(pending.headers['retry-after'], '1')
  assert.equal((await ask('/hls/b-idle/index.m3u8')).status, 404)
  assert.equal((await ask('/hls/b-none/index.m3u8')).status, 404)
  const ended = await ask('/hls/b-ended/index.m3u8')
  assert.equal(ended.status, 410)
  assert.equal((JSON.parse(ended.body.toString()) as { code: string }).code, 'broadcast_ended')
})

test('bad targets, directives and methods are refused without asking the Pod', async (t) => {
  const { routes, ask, live } = await edgeUnderTest(t, () => assert.fail('asked'))
  routes.upsert(broadcastOf('b-1', live))
  for (const path of ['/', '/hls/b-1', '/hls/b-1/../x', '/hls/b-1/a/b/c', '/hls/B!/index.m3u8', '/hls/b-1/%2e%2e/x']) {
    assert.equal((await ask(path)).status, 404, path)
  }
  for (const query of [
    '_HLS_part=1',
    '_HLS_msn=x',
    '_HLS_msn=-1',
    '_HLS_msn=1&_HLS_msn=2',
    '_HLS_msn=1e3',
    '_HLS_msn=',
  ]) {
    assert.equal((await ask(`/hls/b-1/source/media.m3u8?${query}`)).status, 400, query)
  }
  assert.equal((await ask('/hls/b-1/index.m3u8', {}, 'POST')).status, 405)
  const preflight = await ask('/hls/b-1/index.m3u8', { origin: 'https://shop.example' }, 'OPTIONS')
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS')
})

test('an overloaded edge sends new viewers away and serves those it has', async (t) => {
  let busy = false
  const { routes, ask, live } = await edgeUnderTest(
    t,
    (_request, response) => answerWith(response, 'x', 'public, max-age=9'),
    {
      overloaded: () => busy,
    },
  )
  routes.upsert(broadcastOf('b-1', live))
  const cookie = ((await ask('/hls/b-1/index.m3u8')).headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
  busy = true
  const refused = await ask('/hls/b-1/index.m3u8')
  assert.equal(refused.status, 503)
  assert.equal(refused.headers['retry-after'], '2')
  assert.equal((await ask('/hls/b-1/index.m3u8', { cookie })).status, 200)
})

test('held requests are bounded, and one whose viewer left makes room', async (t) => {
  const arrivals = new EventEmitter<{ request: [IncomingMessage] }>()
  const { routes, ask, live, edge, port } = await edgeUnderTest(
    t,
    (request) => void arrivals.emit('request', request),
    { maxHeld: 1 },
  )
  routes.upsert(broadcastOf('b-1', live))
  const arrived = once(arrivals, 'request')
  const leaver = connect(port, '127.0.0.1')
  leaver.write('GET /hls/b-1/source/media.m3u8?_HLS_msn=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  await arrived
  const refused = await ask('/hls/b-1/source/media.m3u8?_HLS_msn=2')
  assert.equal(refused.status, 503)
  assert.equal(refused.headers['retry-after'], '2')
  leaver.destroy()
  while (edge.held > 0) await new Promise(setImmediate)
})

test('64 KiB of requests in one piece are all answered, and the edge lives', async (t) => {
  const { port } = await edgeUnderTest(t, () => assert.fail('asked'))
  const request = 'GET / HTTP/1.1\r\nHost:\r\n\r\n'
  const count = Math.floor((64 * 1024) / request.length)
  const socket = connect(port, '127.0.0.1')
  socket.write(request.repeat(count))
  let text = ''
  let answers = 0
  for await (const chunk of socket) {
    text += String(chunk)
    answers = text.split('HTTP/1.1 404').length - 1
    if (answers >= count) break
  }
  assert.equal(answers, count)
})

test('one client that asks for all there might be takes nobody’s place, and connections to the Pod neither', async (t) => {
  const held = new EventEmitter<{ request: [string] }>()
  const { routes, ask, live, edge, registry } = await edgeUnderTest(t, (request, response) => {
    const url = request.url ?? ''
    if (url.includes('_HLS_msn=9')) return void held.emit('request', url)
    answerWith(response, 'x', 'no-store')
  })
  routes.upsert(broadcastOf('b-1', live))
  const from = (address: string) => ({ 'x-forwarded-for': `1.2.3.4, ${address}` })
  const playlist = '/hls/b-1/source/media.m3u8'
  const mallory = Array.from({ length: 200 }, (_, number) =>
    ask(`${playlist}?_HLS_msn=9${number}`, from('6.6.6.6')).catch(() => undefined),
  )
  while (edge.held < 128) await new Promise(setImmediate)
  const refused = await Promise.race(mallory)
  assert.equal(refused?.status, 503)
  for (const file of ['source/media.m3u8?_HLS_msn=1', '480p/media.m3u8', 'index.m3u8', 'source/part-1.0.m4s'])
    assert.equal((await ask(`/hls/b-1/${file}`, from('7.7.7.7'))).status, 200, file)
  assert.match(await registry.metrics(), /\nedge_shed_total\{reason="places",service="test"\} [1-9]\d*\n/)
})

test('a Pod that says nothing is left for the next one as soon as there is one', async (t) => {
  const asked = new EventEmitter<{ request: [IncomingMessage] }>()
  let count = 0
  const { routes, ask, live } = await edgeUnderTest(t, (request, response) => {
    count += 1
    if (count === 1) asked.emit('request', request)
    else answerWith(response, 'next', 'no-store')
  })
  routes.upsert(broadcastOf('b-1', live))
  const arrived = once(asked, 'request')
  const answer = ask('/hls/b-1/source/media.m3u8')
  const [silent] = (await arrived) as [IncomingMessage]
  const given = once(silent.socket, 'close')
  routes.upsert(broadcastOf('b-1', { podName: 'pod-2' })) // it may still answer
  routes.upsert(broadcastOf('b-1', { ...live, podUID: 'pod-2' }))
  assert.equal((await answer).body.toString(), 'next')
  await given
})

test('a Pod that says nothing costs its viewers the hold and no more', { timeout: 300_000 }, async (t) => {
  const { routes, ask, live } = await edgeUnderTest(t, () => {}, { holdMs: 150 })
  routes.upsert(broadcastOf('b-1', live))
  const answer = await ask('/hls/b-1/source/media.m3u8')
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1'])
})

test('metrics tell hits, misses, how long was held and how fast it was released, and what was refused', async (t) => {
  const { routes, ask, live, registry } = await edgeUnderTest(
    t,
    (_request, response) => answerWith(response, 'x', 'public, max-age=9'),
    { maxHeld: 1 },
  )
  routes.upsert(broadcastOf('b-1', live))
  for (let index = 0; index < 3; index++) await ask('/hls/b-1/source/part-1.0.m4s')
  const text = await registry.metrics()
  for (const [name, labels, value] of [
    ['edge_cache_lookups_total', 'result="hit",', 2],
    ['edge_cache_lookups_total', 'result="miss",', 1],
    ['edge_hold_seconds_count', '', 1],
    ['edge_release_seconds_count', '', 1],
  ])
    assert.ok(text.includes(`\n${name}{${labels}service="test"} ${value}\n`), `${name} ${labels} of ${text}`)
})
