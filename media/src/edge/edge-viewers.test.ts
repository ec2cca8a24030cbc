import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { answerWith, broadcastOf, edgeUnderTest } from './testing/edge-under-test.ts'
import { viewerWindowMs } from './viewers.ts'

test('a viewer gets one cookie, bound to the broadcast, and is counted once however much it asks', async (t) => {
  t.mock.method(performance, 'now', () => 1_000) // all at one moment, however long the requests take
  const { routes, ask, live, viewers } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, 'x', 'public, max-age=9'),
  )
  routes.upsert(broadcastOf('b-1', live))
  const first = await ask('/hls/b-1/index.m3u8')
  const [setCookie = ''] = first.headers['set-cookie'] ?? []
  assert.match(setCookie, /^mytaek1_viewer=\S+; Path=\/hls\/b-1; Max-Age=86400; HttpOnly; SameSite=Lax$/)
  const cookie = setCookie.split(';')[0] ?? ''
  for (const file of ['index.m3u8', 'source/media.m3u8', 'source/part-1.0.m4s']) {
    assert.equal((await ask(`/hls/b-1/${file}`, { cookie: `a=b; ${cookie}` })).headers['set-cookie'], undefined)
  }
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 1)
  await ask('/hls/b-1/source/media.m3u8', { cookie: 'mytaek1_viewer=AAAAAAAAAAAAAAAA.BBBBBBBBBBBB' })
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 1, 'a forged cookie counts nobody')
  await ask('/hls/b-1/thumbnail.jpg')
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 1, 'a thumbnail is no broadcast watched')
  for (const invented of ['1.1.1.1, ', '2.2.2.2, ', ''])
    await ask('/hls/b-1/source/media.m3u8', { 'user-agent': invented, 'x-forwarded-for': `${invented}9.9.9.9` })
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 2, 'one without cookies is one of its address')
  assert.equal(viewers.sweep(performance.now() + 60_000).get('b-1')?.length, 0)
})

test('one block of addresses gets so many cookies, and counts as so many viewers, as it has addresses', async (t) => {
  t.mock.method(performance, 'now', () => 1_000) // all at one moment, however long 2,000 requests take
  const { routes, ask, live, viewers } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, 'x', 'public, max-age=9'),
  )
  routes.upsert(broadcastOf('b-1', live))
  const collect = async (addressOf: (index: number) => string) => {
    let given = 0
    for (let index = 0; index < 300; index++) {
      const from = { 'x-forwarded-for': addressOf(index) }
      const { headers } = await ask('/hls/b-1/index.m3u8', from)
      const cookie = headers['set-cookie']?.[0]?.split(';')[0]
      if (cookie === undefined) continue
      given += 1
      await ask('/hls/b-1/source/media.m3u8', { ...from, cookie })
    }
    return given
  }
  const counted = () => viewers.sweep(performance.now()).get('b-1')?.length
  assert.equal(await collect((index) => `203.0.113.${index % 256}`), 256)
  assert.equal(counted(), 256)
  assert.equal(await collect((index) => `2001:db8:1:2::${index.toString(16)}`), 256)
  assert.equal(counted(), 512)
  assert.equal(await collect(() => '10.42.0.1'), 300, 'an address that a cluster translates to is nobody’s own')
  assert.equal(counted(), 812)
  assert.equal(
    (await ask('/hls/b-1/index.m3u8', { 'x-forwarded-for': '203.0.113.7' })).status,
    200,
    'who is not counted watches',
  )
})

test('players behind one address that take no cookies are as many as ask for the same thing', async (t) => {
  t.mock.method(performance, 'now', () => 1_000)
  const { routes, ask, live, viewers } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, 'x', 'public, max-age=9'),
  )
  routes.upsert(broadcastOf('b-1', live))
  const from = { 'x-forwarded-for': '203.0.113.9' }
  for (let part = 0; part < 4; part++)
    for (let player = 0; player < 5; player++) {
      await ask(`/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=${part}`, from)
      await ask(`/hls/b-1/source/part-7.${part}.m4s`, from)
    }
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 5)
  for (let again = 0; again < 300; again++) await ask('/hls/b-1/source/part-7.3.m4s', from)
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 256, 'and no more than its block may have')
})

test('players behind a CDN that is known are told apart by the addresses that it tells', async (t) => {
  t.mock.method(performance, 'now', () => 1_000)
  const { routes, ask, live, viewers } = await edgeUnderTest(
    t,
    (_request, response) => answerWith(response, 'x', 'public, max-age=9'),
    { trustedProxies: ['198.51.100.0/24'] },
  )
  routes.upsert(broadcastOf('b-1', live))
  for (const viewer of ['203.0.113.9', '203.0.113.10', '2001:db8::1'])
    await ask('/hls/b-1/source/media.m3u8', { 'x-forwarded-for': `6.6.6.6, ${viewer}, 198.51.100.7` })
  assert.equal(viewers.sweep(performance.now()).get('b-1')?.length, 3)
})

test('a viewer whose requests go to two edges is one viewer to both: no Pod needs to see it again', async (t) => {
  t.mock.method(performance, 'now', () => 1_000)
  const pod = (request: IncomingMessage, response: ServerResponse) =>
    answerWith(response, request.url ?? '', 'public, max-age=9')
  const [one, other] = [await edgeUnderTest(t, pod), await edgeUnderTest(t, pod)]
  for (const { routes, live } of [one, other]) routes.upsert(broadcastOf('b-1', live))
  const first = await one.ask('/hls/b-1/index.m3u8')
  const cookie = (first.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
  for (const file of ['index.m3u8', 'source/media.m3u8?_HLS_msn=3&_HLS_part=1', 'source/part-3.1.m4s']) {
    const answer = await other.ask(`/hls/b-1/${file}`, { cookie })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['set-cookie'], undefined)
  }
  await one.ask('/hls/b-1/source/part-3.2.m4s', { cookie })
  const ids = [one, other].flatMap(({ viewers }) => viewers.sweep(performance.now()).get('b-1') ?? [])
  assert.equal(ids.length, 2)
  assert.equal(new Set(ids).size, 1, 'the same id, which the joint count takes once')
})

test('nobody is counted for a broadcast that is not there or not on', async (t) => {
  const { routes, ask, viewers } = await edgeUnderTest(t, () => assert.fail('asked'))
  routes.upsert(broadcastOf('b-idle', {}))
  routes.upsert(broadcastOf('b-ended', { endedAt: '2026-01-01T00:00:00Z', phase: 'Ended' }, 'Ended'))
  for (const name of ['b-idle', 'b-ended', 'b-none']) await ask(`/hls/${name}/source/media.m3u8`)
  assert.equal(viewers.sweep(performance.now()).size, 0)
})

test('a viewer whose request was held was there all the while', async (t) => {
  const arrivals = new EventEmitter<{ request: [ServerResponse] }>()
  const { routes, ask, live, viewers } = await edgeUnderTest(
    t,
    (_request, response) => void arrivals.emit('request', response),
  )
  routes.upsert(broadcastOf('b-1', live))
  const arrived = once(arrivals, 'request')
  const answer = ask('/hls/b-1/source/media.m3u8?_HLS_msn=1')
  const [response] = (await arrived) as [ServerResponse]
  const answeredAt = performance.now()
  answerWith(response, 'x', 'no-store')
  await answer
  assert.equal(viewers.sweep(answeredAt + viewerWindowMs).get('b-1')?.length, 1)
})

test('what a new viewer gets with its cookie is kept by no shared cache', async (t) => {
  const { routes, ask, live } = await edgeUnderTest(t, (_request, response) =>
    answerWith(response, 'x', 'public, max-age=2'),
  )
  routes.upsert(broadcastOf('b-1', live))
  const first = await ask('/hls/b-1/index.m3u8')
  assert.deepEqual([first.headers['cache-control'], first.headers['set-cookie']?.length], ['private, max-age=2', 1])
  const [cookie = ''] = first.headers['set-cookie'] ?? []
  const second = await ask('/hls/b-1/index.m3u8', { cookie: cookie.split(';')[0] ?? '' })
  assert.equal(second.headers['cache-control'], 'public, max-age=2')
})
