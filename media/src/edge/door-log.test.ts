import assert from 'node:assert/strict'
import { EventEmitter, on, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { type DoorLine, readDoorLine } from './door-log.ts'
import { doorUnderTest } from './testing/door-under-test.ts'
import { answerWith, playlistType } from './testing/edge-under-test.ts'
import { viewerWindowMs } from './viewers.ts'

const playlist = '/hls/b-1/source/media.m3u8'

test('viewers that the cache answers are counted by their cookies, and those without by how many ask for the same', async (t) => {
  t.mock.method(performance, 'now', () => 1_000) // all at one moment, however long the requests take
  const { ask, viewers, told } = await doorUnderTest(t, (_request, response) =>
    answerWith(response, '#EXTM3U\n', 'public, max-age=9'),
  )
  const cookies: string[] = []
  for (let viewer = 0; viewer < 3; viewer++) {
    const { headers } = await ask('/hls/b-1/index.m3u8')
    cookies.push((headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '')
  }
  assert.equal(new Set(cookies).size, 3, 'what has a cookie in it is no cache’s')
  const counted = () => viewers.sweep(performance.now()).get('b-1')?.length
  const state = `${playlist}?_HLS_msn=7&_HLS_part=0`
  for (const cookie of cookies) {
    const line = once(told, 'line')
    await ask(state, { cookie })
    await line
  }
  assert.equal(counted(), 3)
  for (let nameless = 0; nameless < 2; nameless++) {
    const line = once(told, 'line')
    await ask(state, { 'x-forwarded-for': '6.6.6.6' })
    await line
  }
  assert.equal(counted(), 5)
})

test('a space in a cookie makes no address: blocks bound who is counted', () => {
  const read = (rest: string) => readDoorLine(`<190>Nov 29 11:00:00 door: ${playlist} ${rest}`)
  assert.equal(read('- 203.0.113.9')?.forwardedFor, '203.0.113.9')
  assert.equal(read('- made-up 203.0.113.9')?.forwardedFor, 'made-up, 203.0.113.9')
  assert.equal(read('- 1.1.1.1 6.6.6.6, 203.0.113.9')?.forwardedFor, '1.1.1.1, 6.6.6.6, 203.0.113.9')
})

test('in a long segment viewers are told of with each fifth part', async (t) => {
  const { ask, told } = await doorUnderTest(t, (_request, response) => answerWith(response, '#EXTM3U\n', 'max-age=9'))
  const lines = on(told, 'line')
  for (const part of [0, 4, 5, 6, 9, 10, 12, 15]) await ask(`${playlist}?_HLS_msn=7&_HLS_part=${part}`)
  for (const part of [0, 5, 10, 15]) {
    const { value } = (await lines.next()) as { value: [{ target: string }] }
    assert.equal(value[0].target, `${playlist}?_HLS_msn=7&_HLS_part=${part}`)
  }
})

test('whoever waits at the door for long is there all the while, once', async (t) => {
  const pending = new EventEmitter<{ request: [ServerResponse] }>()
  const { ask, viewers, told } = await doorUnderTest(t, (podRequest, response) => {
    if (podRequest.url === '/index.m3u8') answerWith(response, '#EXTM3U\n', 'max-age=9')
    else pending.emit('request', response)
  })
  const { headers } = await ask('/hls/b-1/index.m3u8')
  const cookie = (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
  const arrived = once(pending, 'request')
  const state = `${playlist}?_HLS_msn=7&_HLS_part=1` // one that is not told of when it is answered
  const named: Record<string, string>[] = [{ cookie }, { 'x-forwarded-for': '6.6.6.6' }, {}]
  const askers = named.map((from) => ask(state, from))
  const [response] = (await arrived) as [ServerResponse]
  const lines = on(told, 'line', { signal: AbortSignal.timeout(60_000) })
  const ticks = new Map<string, Set<number>>()
  const wasToldTwice = () => ticks.size === named.length && [...ticks.values()].every(({ size }) => size === 2)
  while (!wasToldTwice()) {
    const { value } = (await lines.next()) as { value: [DoorLine] }
    const [{ cookieValue, forwardedFor, waitingTick }] = value
    assert.ok(waitingTick !== undefined)
    const who = `${cookieValue} ${forwardedFor}`
    ticks.set(who, (ticks.get(who) ?? new Set<number>()).add(waitingTick))
  }
  const now = performance.now()
  assert.equal(viewers.sweep(now).get('b-1')?.length, 3)
  assert.equal(viewers.sweep(now + viewerWindowMs + 1).get('b-1')?.length, 0, 'and is forgotten when nothing comes')
  response.writeHead(200, { 'content-type': playlistType, 'cache-control': 'max-age=9' }).end('#EXTM3U\n')
  for (const asker of askers) assert.equal((await asker).status, 200)
})

test('only lines that a door writes are read', () => {
  assert.deepEqual(
    readDoorLine('<190>Nov 29 07:00:00 door: /hls/b/source/media.m3u8?_HLS_msn=1 abc.def 1.1.1.1, 2.2.2.2'),
    {
      target: '/hls/b/source/media.m3u8?_HLS_msn=1',
      cookieValue: 'abc.def',
      forwardedFor: '1.1.1.1, 2.2.2.2',
    },
  )
  assert.equal(readDoorLine('<190>Nov 29 07:00:00 door: /hls/b/source/media.m3u8 - 1.1.1.1')?.cookieValue, undefined)
  assert.equal(readDoorLine('<190>Nov 29 07:00:00 door: 77 /hls/b/x - 1.1.1.1')?.waitingTick, 77)
  for (const line of [
    '',
    '<190>Nov 29 07:00:00 door: x7 /x - 1.1.1.1',
    'door: /x - 1.1.1.1',
    '<190>Nov 29 07:00:00 door: x - 1.1.1.1',
    '<190>door: /x -',
  ])
    assert.equal(readDoorLine(line), undefined)
})
