import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectRtmpPublisher } from '../rtmp/client.ts'
import { readFlvTag } from '../rtmp/flv-tag.ts'
import { defaultRtmpLimits } from '../rtmp/limits.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { startRtmpServer } from '../rtmp/server.ts'
import { publishRejected } from '../rtmp/status-code.ts'
import { type Listening, listening, silent } from '../rtmp/testing/listening.ts'
import { Gateway } from './gateway.ts'
import { hashStreamKey } from './key-table.ts'
import { ingestMetrics } from './metrics.ts'
import { FakeRecord } from './testing/fake-record.ts'

const zero = () => 0

function broadcastOf(name: string, streamKey: string, state: 'Open' | 'Ended' = 'Open'): Broadcast {
  return {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      title: 't',
      seller: 's',
      streamKey: { sha256: hashStreamKey(streamKey).toString('hex') },
      state,
      latency: 'Low',
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    },
  }
}

/** A gateway whose every Pod is at `podPort`, and the record it writes to. */
async function gatewayUnderTest(t: TestContext, podPort: number) {
  const record = new FakeRecord()
  const metrics = ingestMetrics(createRegistry('test'), { publishers: zero, sessions: zero })
  const gateway = new Gateway({
    record,
    podName: 'ingest-1',
    replayBytes: 8_000_000,
    replayTotalBytes: 16_000_000,
    streamRtmpPort: podPort,
    log: silent,
    metrics,
  })
  record.onChange = (broadcast) => gateway.upsert(broadcast)
  const server = await startRtmpServer({
    port: 0,
    host: '127.0.0.1',
    limits: defaultRtmpLimits,
    log: silent,
    authorize: (request, session) => gateway.authorize(request, session),
  })
  t.after(() => server.close({ code: 'NetConnection.Connect.Closed', description: 'test over' }))
  const open = (broadcast: Broadcast) => record.write(broadcast, {})
  const publish = (streamName: string, app = 'live') =>
    connectRtmpPublisher({
      host: '127.0.0.1',
      port: server.port,
      app,
      streamName,
      signal: t.signal,
      deadlineMs: 60_000,
    })
  return { record, gateway, server, open, publish }
}

function ffmpeg(t: TestContext, port: number, key: string): ChildProcess {
  const input = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=30', '-f', 'lavfi', '-i', 'sine=frequency=440']
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-c:a', 'aac', '-t', '120']
  const child = spawn('ffmpeg', [
    '-v',
    'error',
    ...input,
    ...codecs,
    '-f',
    'flv',
    `rtmp://127.0.0.1:${port}/live/${key}`,
  ])
  t.after(() => child.kill('SIGKILL'))
  return child
}

const keyFrames = ({ messages }: Listening) => messages.filter((message) => readFlvTag(message).role === 'key').length

test('an encoder reaches its Pod; a Pod that dies is replaced under it without its notice', async (t) => {
  const first = await listening(t)
  const second = await listening(t, { host: '127.0.0.2', port: first.server.port })
  const { record, server, open } = await gatewayUnderTest(t, first.server.port)
  const { name } = open(broadcastOf('b-1', 'good')).metadata
  const claimed = nextChange(record)
  const encoder = ffmpeg(t, server.port, 'good')
  const { status } = await claimed
  assert.equal(status?.publisher?.ingestPod, 'ingest-1')

  record.write(record.get(name), { podIP: '127.0.0.1', podUID: 'one' })
  await first.until(() => keyFrames(first) >= 3)
  assert.deepEqual(first.messages.slice(0, 3).map(roleOf), ['metadata', 'video header', 'audio header'])
  first.sessions[0]?.end({ code: 'NetStream.Publish.Failed', description: 'dying' })
  await first.server.close({ code: 'NetStream.Publish.Failed', description: 'dead' })

  record.write(record.get(name), { podIP: '127.0.0.2', podUID: 'two' })
  await second.until(() => keyFrames(second) >= 3)
  assert.deepEqual(second.messages.slice(0, 4).map(roleOf), ['metadata', 'video header', 'audio header', 'video key'])
  const firstVideo = second.messages.find((message) => roleOf(message) === 'video key')
  assert.ok(
    first.messages.some((message) => message.body.equals(firstVideo?.body ?? Buffer.alloc(0))),
    'no frame is missing between the Pods',
  )
  assert.equal(encoder.exitCode, null)
  assert.equal(server.publishers, 1)
})

test('a second encoder with the same key takes over, and the first hears why', async (t) => {
  const pod = await listening(t)
  const { record, open, publish } = await gatewayUnderTest(t, pod.server.port)
  open(broadcastOf('b-1', 'good'))
  const old = await publish('good')
  const oldClosed = once(old, 'close')
  const taken = await publish('good')
  const [error] = (await oldClosed) as [Error]
  assert.match(error.message, /NetStream.Publish.BadName: Another encoder took over/)
  const newClosed = once(taken, 'close')
  const released = new Promise<void>((resolve) => (record.onRelease = resolve))
  taken.close()
  await newClosed
  await released
  assert.equal(record.released.length, 1, 'only the last session is noted as gone')
  assert.match(record.get('b-1').status?.publisher?.disconnectedAt ?? '', /^2/)
})

test('a publisher that was taken out by hand, or noted as gone by mistake, goes on and is written again', async (t) => {
  const { record, server, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  const encoder = await publish('good')
  const { publisher } = record.get('b-1').status ?? {}
  assert.ok(publisher)
  for (const broken of [null, { ...publisher, disconnectedAt: new Date().toISOString() }]) {
    record.write(record.get('b-1'), { publisher: broken })
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(record.get('b-1').status?.publisher, publisher)
    assert.equal(server.publishers, 1)
  }
  const closed = once(encoder, 'close')
  encoder.close()
  await closed
})

test('what a later version wrote, and this one cannot read, ends no session', async (t) => {
  const { record, server, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  const encoder = await publish('good')
  const now = record.get('b-1')
  record.write({ ...now, unread: ['spec.streamKey.sha256'], spec: { ...now.spec, streamKey: {} } }, {})
  assert.equal(server.publishers, 1)
  encoder.close()
})

test('a takeover here ends the older session at once, whenever the watch comes', async (t) => {
  const { record, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  record.onChange = () => {} // the watch hangs
  const old = await publish('good')
  const oldClosed = once(old, 'close', { signal: AbortSignal.timeout(60_000) })
  const taken = await publish('good')
  const [error] = (await oldClosed) as [Error]
  assert.match(error.message, /Another encoder took over/)
  taken.close()
})

test('of two claims whose answers overtake each other, the one written last publishes', async (t) => {
  const { record, server, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  record.onChange = () => {}
  const claim = record.claim.bind(record)
  const written = Promise.withResolvers<undefined>()
  const answered = Promise.withResolvers<undefined>()
  record.claim = async (...asked) => {
    record.claim = claim
    const first = await claim(...asked)
    written.resolve(undefined)
    await answered.promise
    return first
  }
  const first = publish('good').then((publisher) => once(publisher, 'close')) // Publish.Start, or none, then the end
  await written.promise
  const second = await publish('good')
  answered.resolve(undefined)
  await Promise.allSettled([first])
  assert.equal(server.publishers, 1)
  const released = new Promise<void>((resolve) => (record.onRelease = resolve))
  second.close()
  await released
  assert.equal(record.released.length, 1)
})

test('a claim that was written though its answer never came is released', async (t) => {
  const { record, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  const claim = record.claim.bind(record)
  record.claim = async (...asked) => {
    await claim(...asked)
    throw new Error('no answer in time')
  }
  const released = new Promise<void>((resolve) => (record.onRelease = resolve))
  await assert.rejects(publish('good'), { name: 'RtmpRefusedError', code: 'NetStream.Publish.Failed' })
  await released
  assert.match(record.get('b-1').status?.publisher?.disconnectedAt ?? '', /^2/)
})

test('a lost publisher is written down for as long as it takes, but a stopping process waits only so long', async (t) => {
  const { record, gateway, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  const asked = Promise.withResolvers<AbortSignal>()
  record.release = async (...[, , , signal]) => {
    asked.resolve(signal)
    await once(signal, 'abort')
    throw signal.reason
  }
  const publisher = await publish('good')
  publisher.close()
  const signal = await asked.promise
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const settled = gateway.settle(100)
  t.mock.timers.tick(99)
  assert.ok(!signal.aborted)
  t.mock.timers.tick(1)
  assert.ok(signal.aborted)
  await settled
})

test('the key of an encoder that its Pod refused is free at once', async (t) => {
  const pod = await listening(t)
  const { record, server, open, publish } = await gatewayUnderTest(t, pod.server.port)
  open(broadcastOf('b-1', 'good'))
  record.write(record.get('b-1'), { podIP: '127.0.0.1', podUID: 'one' })
  const refused = await publish('good')
  const closed = once(refused, 'close', { signal: AbortSignal.timeout(60_000) })
  refused.write({ type: 'audio', timestampMs: 0, body: Buffer.from('af001690', 'hex') })
  await pod.until(() => pod.messages.length === 1)
  pod.sessions[0]?.end({ code: publishRejected, description: 'AAC is unreadable' })
  const [error] = (await closed) as [Error]
  assert.match(error.message, /NetStream.Publish.Rejected: AAC is unreadable/)
  assert.equal(server.publishers, 0)
  const clean = await publish('good')
  clean.write({ type: 'audio', timestampMs: 0, body: Buffer.from('af001190', 'hex') })
  await pod.until(() => pod.messages.length === 2)
  assert.equal(pod.requests.length, 2, 'one connection each: its Pod took it at once')
  clean.close()
})

test('a takeover at another ingest Pod ends the session here as soon as the watch tells of it', async (t) => {
  const { record, server, open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'good'))
  const publisher = await publish('good')
  const closed = once(publisher, 'close', { signal: AbortSignal.timeout(60_000) })
  record.write(record.get('b-1'), { publisher: { sessionId: 'elsewhere', ingestPod: 'ingest-2', connectedAt: '' } })
  assert.equal(server.publishers, 0)
  const [error] = (await closed) as [Error]
  assert.match(error.message, /took over/)
  assert.equal(
    record.get('b-1').status?.publisher?.disconnectedAt,
    undefined,
    'the new publisher is not marked as gone',
  )
})

test('what the watch shows from before the claim does not end the session', async (t) => {
  const { record, gateway, open, publish } = await gatewayUnderTest(t, 1)
  const before = open(broadcastOf('b-1', 'good'))
  const publisher = await publish('good')
  gateway.upsert({ ...before, status: { publisher: { sessionId: 'older', ingestPod: 'x', connectedAt: '' } } })
  let ended = false
  publisher.once('close', () => (ended = true))
  const released = new Promise<void>((resolve) => (record.onRelease = resolve))
  await new Promise((resolve) => setTimeout(resolve, 200)) // proves an absence: nothing to wait for
  assert.equal(ended, false)
  publisher.close()
  await released
})

test('unknown, empty and ended keys, and another application, are refused with a status', async (t) => {
  const { open, publish } = await gatewayUnderTest(t, 1)
  open(broadcastOf('b-1', 'over', 'Ended'))
  open(broadcastOf('b-2', 'good'))
  await assert.rejects(publish('wrong'), { name: 'RtmpRefusedError', code: 'NetStream.Publish.Unauthorized' })
  await assert.rejects(publish(''), { name: 'RtmpRefusedError', code: 'NetStream.Publish.BadName' })
  await assert.rejects(publish('over'), { name: 'RtmpRefusedError', code: 'NetStream.Publish.BadName' })
  await assert.rejects(publish('good', 'vod'), { name: 'RtmpRefusedError', code: 'NetStream.Publish.BadName' })
})

test('a broadcast made a moment after its encoder connected is found', async (t) => {
  const { open, publish } = await gatewayUnderTest(t, 1)
  const publishing = publish('fresh')
  setImmediate(() => open(broadcastOf('b-1', 'fresh')))
  const publisher = await publishing
  publisher.close()
})

test('a rotated key, an ended and a deleted broadcast end the session that is there', async (t) => {
  const { record, gateway, open, publish } = await gatewayUnderTest(t, 1)
  for (const [change, code] of [
    [() => record.write({ ...record.get('b-1'), spec: broadcastOf('b-1', 'next').spec }, {}), 'Unauthorized'],
    [() => record.write({ ...record.get('b-1'), spec: broadcastOf('b-1', 'good', 'Ended').spec }, {}), 'BadName'],
    [() => gateway.remove(record.get('b-1')), 'BadName'],
  ] as const) {
    open(broadcastOf('b-1', 'good'))
    const publisher = await publish('good')
    const closed = once(publisher, 'close')
    change()
    const [error] = (await closed) as [Error]
    assert.match(error.message, new RegExp(`NetStream.Publish.${code}`))
  }
})

function roleOf(message: MediaMessage): string {
  return message.type === 'metadata' ? 'metadata' : `${message.type} ${readFlvTag(message).role}`
}

function nextChange(record: FakeRecord): Promise<Broadcast> {
  const told = record.onChange
  return new Promise((resolve) => {
    record.onChange = (broadcast) => {
      record.onChange = told
      told(broadcast)
      resolve(broadcast)
    }
  })
}
