import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { RtmpRefusedError, type RtmpPublisherOptions, connectRtmpPublisher } from './client.ts'
import type { MediaMessage } from './media-message.ts'
import { listening } from './testing/listening.ts'

const metadata = Buffer.concat([
  Buffer.from('02000a', 'hex'),
  Buffer.from('onMetaData'),
  Buffer.from('0800000000000009', 'hex'),
])

/** Publishes to the test's server; what is not given is what most tests want. */
function publishTo(t: TestContext, port: number, options: Partial<RtmpPublisherOptions> = {}) {
  const usual = { host: '127.0.0.1', app: 'live', streamName: 'good', signal: t.signal, deadlineMs: 60_000 }
  return connectRtmpPublisher({ ...usual, port, ...options })
}

test('what the client writes is what the server gets, byte for byte, timestamps to the end of 32 bits', async (t) => {
  const { server, messages, until } = await listening(t)
  const publisher = await publishTo(t, server.port)
  const key = Buffer.alloc(300_001, 0x5a)
  key.set([0x17, 1, 0, 0, 0])
  const sent: MediaMessage[] = [
    { type: 'metadata', timestampMs: 0, body: metadata },
    { type: 'audio', timestampMs: 0xfffffe, body: Buffer.from('af001210', 'hex') },
    { type: 'video', timestampMs: 0xffffff, body: key },
    {
      type: 'video',
      timestampMs: 0xffffffff,
      body: Buffer.concat([Buffer.from('2701000000', 'hex'), Buffer.alloc(65_530)]),
    },
    { type: 'audio', timestampMs: 3, body: Buffer.from('af01ff', 'hex') },
  ]
  for (const message of sent) publisher.write(message)
  await until(() => messages.length === sent.length)
  assert.deepEqual(messages, sent)
  const closed = once(publisher, 'close')
  publisher.close()
  await closed
})

test('a refusal rejects with the status code', async (t) => {
  const { server } = await listening(t)
  await assert.rejects(
    publishTo(t, server.port, { streamName: 'bad' }),
    (error: unknown) => error instanceof RtmpRefusedError && error.code === 'NetStream.Publish.Unauthorized',
  )
})

test('a server that never answers is left at the deadline', async (t) => {
  const { server } = await listening(t, { authorize: () => new Promise(() => {}) })
  await assert.rejects(publishTo(t, server.port, { deadlineMs: 200 }), { name: 'TimeoutError' })
})

test('a slow server is felt as backpressure, and drain follows when it reads again', async (t) => {
  let full = true
  const { server, sessions, until, messages } = await listening(t, { write: () => !full })
  const publisher = await publishTo(t, server.port)
  const body = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(1_000_000)])
  let sent = 0
  while (publisher.write({ type: 'video', timestampMs: sent, body })) {
    sent += 1
    assert.ok(sent < 100, 'never full')
    await new Promise(setImmediate)
  }
  full = false
  const drained = once(publisher, 'drain')
  await until(() => messages.length > 0)
  sessions[0]?.resume()
  await drained
  await until(() => messages.length === sent + 1)
  publisher.close()
})

test('sound waits for the next picture, or its time, where pictures come; sound alone waits for nothing', async (t) => {
  const { server, messages, until } = await listening(t)
  const video: MediaMessage = { type: 'video', timestampMs: 0, body: Buffer.from('2701000000aa', 'hex') }
  const audio: MediaMessage = { type: 'audio', timestampMs: 0, body: Buffer.from('af01ff', 'hex') }
  const patient = await publishTo(t, server.port, { gatherSoundMs: 3_600_000 })
  patient.write(audio)
  await until(() => messages.length === 1) // no picture came yet: it was not held back
  for (const message of [video, audio, audio, video]) patient.write(message)
  await until(() => messages.length === 5) // the last picture took the sound before it with it
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['audio', 'video', 'audio', 'audio', 'video'],
  )
  patient.close()
  const hasty = await publishTo(t, server.port, { gatherSoundMs: 300 })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  hasty.write(video)
  hasty.write(audio)
  await until(() => messages.length === 6)
  t.mock.timers.tick(299)
  await new Promise(setImmediate)
  assert.equal(messages.length, 6, 'the sound did not wait')
  t.mock.timers.tick(1)
  await until(() => messages.length === 7)
  hasty.close()
})
