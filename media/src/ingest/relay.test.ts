import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type TestContext, test } from 'node:test'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { listening, silent } from '../rtmp/testing/listening.ts'
import { Relay } from './relay.ts'
import { ReplayBudget, ReplayBuffer } from './replay-buffer.ts'
import { keepBusy, startPodProcess } from './testing/pod-process.ts'

const frameMs = 20
const framesPerGop = 25

interface RelayEvents {
  attached: []
  detached: []
  stuck: []
  rejected: [string]
}

/** A relay and what it tells; `deadline` for whoever waits for it. */
function relayUnderTest(t: TestContext, replayBytes = 8_000_000) {
  const events = new EventEmitter<RelayEvents>()
  const replay = new ReplayBuffer({ maxBytes: replayBytes, budget: new ReplayBudget(replayBytes) })
  const relay = new Relay({
    app: 'live',
    streamKey: 'good',
    replay,
    log: { ...silent, warn: (event) => void (event === 'relay.pod_stuck' && events.emit('stuck')) },
    onWritable: () => {},
    onAttached: () => void events.emit('attached'),
    onDetached: () => void events.emit('detached'),
    onRejected: (reason) => void events.emit('rejected', reason),
  })
  t.after(() => relay.close())
  return { relay, replay, events, deadline: { signal: AbortSignal.timeout(120_000) } }
}

const target = (port: number, uid = 'pod') => ({ host: '127.0.0.1', port, uid })
const video = (hex: string, timestampMs: number) =>
  ({ type: 'video', timestampMs, body: Buffer.from(hex, 'hex') }) as const

/** Fifty pictures a second, a key frame every half second, until the test is over. */
function film(t: TestContext, relay: Relay): { sent: number } {
  const film = { sent: 0 }
  relay.write(video('170000000001', 0))
  const timer = setInterval(() => {
    relay.write(video(film.sent % framesPerGop === 0 ? '170100000065' : '270100000041', film.sent * frameMs))
    film.sent += 1
  }, frameMs)
  t.after(() => clearInterval(timer))
  return film
}

test('what a Pod will not have ends the encoder with what the Pod said', async (t) => {
  const pod = await listening(t, {
    write: () => {
      pod.sessions.at(-1)?.end({ code: 'NetStream.Publish.Rejected', description: 'Send H.264 and AAC.' })
      return true
    },
  })
  const { relay, events, deadline } = relayUnderTest(t)
  film(t, relay)
  const rejected = once(events, 'rejected', deadline)
  relay.setTarget(target(pod.server.port))
  assert.deepEqual(await rejected, ['Send H.264 and AAC.'])
})

test('a Pod that accepts and ends it again is tried less and less often', async (t) => {
  const pod = await listening(t, {
    write: () => {
      pod.sessions.at(-1)?.end({ code: 'NetStream.Publish.Failed', description: 'Not here.' })
      return true
    },
  })
  const { relay } = relayUnderTest(t)
  film(t, relay)
  const startedAt = performance.now()
  relay.setTarget(target(pod.server.port))
  await pod.until(() => pod.requests.length === 12)
  assert.ok(performance.now() - startedAt > 1_500, 'eleven pauses that grow from 50 ms')
})

test('after a takeover at the Pod there is no fight for it', async (t) => {
  const pod = await listening(t)
  const { relay, events, deadline } = relayUnderTest(t)
  const attached = once(events, 'attached', deadline)
  relay.setTarget(target(pod.server.port))
  await attached
  const endedAt = performance.now()
  pod.sessions[0]?.end({ code: 'NetStream.Publish.BadName', description: 'Another session publishes.' })
  await pod.until(() => pod.requests.length === 2)
  assert.ok(performance.now() - endedAt >= 1_990)
})

test('a frozen Pod is left after some seconds, and the next one misses no picture', async (t) => {
  const frozen = await startPodProcess(t)
  const next = await listening(t)
  const { relay, events, deadline } = relayUnderTest(t)
  const sent = film(t, relay)
  const attached = once(events, 'attached', deadline)
  relay.setTarget(target(frozen.port, 'frozen'))
  await attached
  // It has answered what it was asked before the last pictures: what it is asked next counts from when it is frozen.
  const isBehind = () => (frozen.timestamps.at(-1) ?? 0) < (sent.sent - 5) * frameMs
  while (frozen.timestamps.length < 60 || isBehind()) await once(frozen.child, 'message', deadline)
  const stuck = once(events, 'stuck', deadline)
  frozen.child.kill('SIGSTOP')
  const [frozenAt, before] = [performance.now(), sent.sent]
  await stuck
  const seconds = (performance.now() - frozenAt) / 1_000
  const filmed = ((sent.sent - before) * frameMs) / 1_000 // where this process did not run for a while, that is less
  assert.ok(seconds > 2.5 && filmed < 10, `left after ${seconds} s, ${filmed} s of pictures`)

  const upTo = sent.sent
  relay.setTarget(target(next.server.port, 'next'))
  const pictures = () => next.messages.filter(({ body }) => body[1] === 1).map(({ timestampMs }) => timestampMs)
  await next.until(() => (pictures().at(-1) ?? 0) > upTo * frameMs)
  const seen = new Set([...frozen.timestamps, ...pictures()])
  const missing = Array.from({ length: upTo }, (_, index) => index * frameMs).filter((time) => !seen.has(time))
  assert.deepEqual(missing, [])
})

test('a Pod that is busy for two seconds keeps its encoder, and gets every picture once', async (t) => {
  const busy = async () => {
    const pod = await startPodProcess(t)
    const { relay, events, deadline } = relayUnderTest(t)
    const sent = film(t, relay)
    const attached = once(events, 'attached', deadline)
    let detached = false
    events.once('detached', () => (detached = true))
    relay.setTarget(target(pod.port))
    await attached
    let [heardAt, silentMs] = [performance.now(), 0]
    pod.child.on('message', () => {
      silentMs = Math.max(silentMs, performance.now() - heardAt)
      heardAt = performance.now()
    })
    keepBusy(pod, 2_000)
    const upTo = sent.sent + 200 // four seconds: a verdict would have come by then
    while ((pod.timestamps.at(-1) ?? 0) < upTo * frameMs) await once(pod.child, 'message', deadline)
    return { detached, silentMs, timestamps: pod.timestamps }
  }
  let seen = await busy()
  // one that did not run for another second was to be left, and says nothing
  for (let again = 0; seen.silentMs > 2_900 && again < 3; again += 1) seen = await busy()
  t.diagnostic(`the Pod said nothing for ${Math.round(seen.silentMs)} ms`)
  assert.equal(seen.detached, false)
  assert.equal(new Set(seen.timestamps).size, seen.timestamps.length)
})

test('while a Pod answers, the buffer holds no more than the GOP that is under way', async (t) => {
  const pod = await listening(t)
  const { relay, replay, events, deadline } = relayUnderTest(t)
  const attached = once(events, 'attached', deadline)
  for (const message of [video('170000000001', 0), video('170100000065', 0), video('270100000041', 20)]) {
    relay.write(message)
  }
  relay.setTarget(target(pod.server.port))
  await attached
  film(t, relay)
  await pod.until(() => pod.messages.length > 4 * framesPerGop + 10)
  assert.ok(replay.messages().length <= framesPerGop + 10, `${replay.messages().length} messages`)
})

/** A relay with twelve megabytes for a Pod that has taken the first bytes of them, and waits to take the rest. */
async function longReplay(t: TestContext, long: (index: number) => MediaMessage) {
  let full = true
  const pod = await listening(t, { write: () => !full })
  const { relay, events, deadline } = relayUnderTest(t, 20_000_000)
  relay.write(video('170000000001', 0))
  for (let index = 0; index < 12; index++) relay.write(long(index))
  const attached = once(events, 'attached', deadline)
  relay.setTarget(target(pod.server.port))
  await attached
  await pod.until(() => pod.messages.length > 0)
  const takes = () => {
    full = false
    pod.sessions[0]?.resume()
  }
  return { pod, relay, takes }
}

test('a long replay is written as fast as the Pod takes it; what comes meanwhile waits its turn', async (t) => {
  const long = (index: number, size = 1_000_000) => {
    const start = video(index === 0 ? '1701000000' : '2701000000', index)
    return { ...start, body: Buffer.concat([start.body, Buffer.alloc(size)]) }
  }
  const { pod, relay, takes } = await longReplay(t, long)
  assert.ok(relay.write(long(12, 10)), 'the encoder is not held back: the buffer has its picture')
  takes()
  await pod.until(() => pod.messages.length === 14)
  relay.write(long(13, 10))
  await pod.until(() => pod.messages.length === 15)
  assert.deepEqual(
    pod.messages.slice(1).map(({ timestampMs }) => timestampMs),
    Array.from({ length: 14 }, (_, index) => index),
  )
})

test('a header that changes during a long replay begins it again', async (t) => {
  const long = (index: number) => ({ ...video('', index), body: Buffer.alloc(1_000_000, '1701000000', 'hex') })
  const { pod, relay, takes } = await longReplay(t, long)
  relay.write(video('170000000002', 12))
  relay.write(long(12))
  takes()
  const at = (fits: (body: Buffer) => boolean, timestampMs: number) =>
    pod.messages.findIndex((message) => message.timestampMs === timestampMs && fits(message.body))
  await pod.until(() => at(({ length }) => length === 1_000_000, 12) >= 0)
  assert.equal(pod.sessions.length, 2)
  const header = at((body) => body.toString('hex', 0, 6) === '170000000002', 12)
  assert.ok(header >= 0 && header < at(({ length }) => length === 1_000_000, 12))
})
