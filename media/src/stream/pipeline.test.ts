import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { segmentSeconds } from './hls/rendition.ts'
import { Pipeline, type PipelineState } from './pipeline.ts'
import { metadata, videoConfig, videoFrame } from './testing/flv-messages.ts'

const frameMs = 1000 / 30

/** A pipeline that has no publisher yet. */
async function newPipeline(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-pipeline-test-'))
  const pipeline = new Pipeline({
    latency: 'Ultra',
    dvrWindowSeconds: 60,
    rungs: [],
    preset: 'ultrafast',
    firstNumbers: () => ({ mediaSequenceNumber: 1, lostSegments: 0, discontinuitySequence: 0 }),
    directory,
    transcoderDirectory: directory, // nobody is there, nor asked for
    thumbnailSeconds: 0,
    log: createLogger({ service: 'pipeline-test', level: 'error' }),
  })
  t.after(async () => {
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
  })
  return pipeline
}

/** A pipeline that was given one second of pictures, and what it says of itself. */
async function livePipeline(t: TestContext) {
  const pipeline = await newPipeline(t)
  const states: PipelineState[] = []
  pipeline.on('state', (state) => states.push(state))
  const connection = pipeline.connect()
  let frames = 0
  const push = (count: number) => {
    for (let pushed = 0; pushed < count; pushed += 1) {
      pipeline.push(connection, videoFrame(Math.round(frames * frameMs), { key: frames % 30 === 0 }))
      frames += 1
    }
  }
  pipeline.push(connection, metadata({ framerate: 30, width: 1280, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  push(1)
  await wait(60) // the epoch's first part is held back for so long
  push(29)
  return { pipeline, states, push }
}

/** Lets nothing of this process run, as a machine without a CPU to spare does. */
function starve(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('an encoder that falls silent is gone after two parts', { timeout: 300_000 }, async (t) => {
  const { pipeline, states } = await livePipeline(t)
  assert.deepEqual(states, ['live'])
  while (pipeline.state === 'live') await wait(20)
  assert.deepEqual(states, ['live', 'interrupted'])
})

test('a process that did not run itself takes nobody for silent', { timeout: 300_000 }, async (t) => {
  const { pipeline, states, push } = await livePipeline(t)
  starve(800)
  await wait(30) // timers have fired by now; the encoder's pictures come a moment later
  push(30)
  await wait(200)
  push(6)
  assert.equal(pipeline.state, 'live')
  assert.deepEqual(states, ['live'])
})

test('slate lasts as long as it takes, also where segments end in short parts', async (t) => {
  const pipeline = await newPipeline(t)
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: Date.UTC(2026, 0, 1) })
  const connection = pipeline.connect()
  pipeline.push(connection, metadata({ framerate: 30, width: 1280, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  for (let frame = 0; frame < 105; frame += 1) {
    // Key frames 1.75 s apart make segments of eight parts of 0.2 s and one of 0.15 s.
    pipeline.push(connection, videoFrame(Math.round(frame * frameMs), { key: frame % 52 === 0 }))
    t.mock.timers.tick(Math.round((frame + 1) * frameMs) - Math.round(frame * frameMs))
  }
  const published = () =>
    (pipeline.output('source')?.rendition.segments ?? []).reduce((sum, segment) => sum + segmentSeconds(segment), 0)
  pipeline.disconnect(connection)
  const [beganMs, before] = [Date.now(), published()]
  for (let step = 0; step < 2000; step += 1) t.mock.timers.tick(10)
  const elapsed = (Date.now() - beganMs) / 1000
  assert.ok(Math.abs(published() - before - elapsed) < 0.25, `${published() - before} s of slate in ${elapsed} s`)
})

test('the source is declared as what it is, whatever its metadata claims', async (t) => {
  const pipeline = await newPipeline(t)
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: Date.UTC(2026, 0, 1) })
  const connection = pipeline.connect()
  pipeline.push(connection, metadata({ framerate: 59.94, videodatarate: 1e300, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  for (let frame = 0; frame < 60; frame += 1) {
    pipeline.push(connection, videoFrame(Math.round((frame * 1000) / 59.94), { key: frame === 0 }))
    t.mock.timers.tick(17)
  }
  const [source] = pipeline.variants() ?? []
  assert.equal(source?.frameRate?.toFixed(3), '59.940')
  assert.equal(source?.peakBps, 100_000, 'next to nothing comes')
})
