import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import type { Assignment, AssignmentSource } from './assignment/assignment.ts'
import { StreamProcess } from './stream-process.ts'
import { metadata, videoConfig, videoFrame } from './testing/flv-messages.ts'

const frameMs = 1000 / 30
const segmentFrames = 60

/** A warm process whose disk takes almost nothing, and a way to give it a broadcast. */
async function warmProcess(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-process-test-'))
  let assign: (assignment: Assignment) => void = () => undefined
  const assignments: AssignmentSource = {
    current: undefined,
    subscribe: (listener) => (assign = listener),
    close: () => Promise.resolve(),
  }
  const config = { PORT: 0, RTMP_PORT: 0, DATA_DIR: directory, LADDER: [], THUMBNAIL_SECONDS: 0, DVR_MAX_BYTES: 1 }
  const stream = new StreamProcess({
    config: { ...config, TRANSCODER_DIR: directory, ENCODER_PRESET: 'ultrafast' },
    assignments,
    log: createLogger({ service: 'process-test', level: 'error' }),
  })
  await stream.start()
  t.after(async () => {
    await stream.stop()
    await rm(directory, { recursive: true, force: true })
  })
  return { stream, assign: (assignment: Assignment) => assign(assignment) }
}

const assignment: Assignment = {
  broadcast: 'b-1',
  streamKeySha256: undefined,
  latency: 'Low',
  dvrWindowSeconds: 3600,
  ladder: undefined,
  encoderPreset: undefined,
  recording: false,
  createdAtMs: Date.now(),
  sequence: undefined,
  state: 'open',
}

test('a Pod lists no more than its disk takes, however long the DVR window of its broadcast', async (t) => {
  const { stream, assign } = await warmProcess(t)
  assert.equal(stream.broadcast, undefined)
  assign(assignment)
  assert.equal(stream.broadcast, 'b-1')
  const { pipeline } = stream
  assert.ok(pipeline)
  const connection = pipeline.connect()
  let frames = 0
  const push = (count: number) => {
    for (let pushed = 0; pushed < count; pushed += 1) {
      const key = frames % segmentFrames === 0
      pipeline.push(connection, videoFrame(Math.round(frames * frameMs), { key }))
      frames += 1
    }
  }
  pipeline.push(connection, metadata({ framerate: 30, width: 1280, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  push(segmentFrames)
  const source = pipeline.output('source')
  // the epoch's first parts are held back for a moment
  await pipeline.publish.until(() => source?.rendition.last, { timeoutMs: 60_000, signal: t.signal })
  push(20 * segmentFrames)
  assert.equal(source?.rendition.segments.filter(({ complete }) => complete).length, 6)
})

test('an encoder whose key frames are far apart is told of in the status, one whose are not is not', async (t) => {
  const { stream, assign } = await warmProcess(t)
  assign(assignment)
  const { pipeline } = stream
  assert.ok(pipeline)
  t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
  const connection = pipeline.connect()
  pipeline.push(connection, metadata({ framerate: 25, width: 1280, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  let frames = 0
  const push = (seconds: number, everyFrames: number) => {
    for (const until = frames + seconds * 25; frames < until; frames += 1) {
      t.mock.timers.tick(40)
      pipeline.push(connection, videoFrame(frames * 40, { key: frames % everyFrames === 0 }))
    }
    return stream.facts().publishing
  }
  assert.equal(push(20, 50).reason, 'Receiving')
  const { reason, message, status } = push(50, 250)
  assert.deepEqual([reason, status], ['KeyFramesFarApart', true])
  assert.match(message, /a key frame every 10 s: set its key-frame interval to 2 seconds$/)
  assert.equal(stream.health()?.keyFrameIntervalSeconds, 10)
  assert.equal(push(20, 50).reason, 'Receiving')
  // Recovery points that are called key frames, as of intra refresh: nobody can join with them.
  const recovery = Buffer.from('0000000406060180000000024188', 'hex')
  for (let left = 20 * 25; left > 0; left -= 1, frames += 1) {
    t.mock.timers.tick(40)
    const options = frames % 50 === 0 ? { key: true, data: recovery } : {}
    pipeline.push(connection, videoFrame(frames * 40, options))
  }
  assert.equal(stream.facts().publishing.reason, 'KeyFramesNotIdr')
})
