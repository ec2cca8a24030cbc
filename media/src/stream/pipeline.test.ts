import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { Pipeline, type PipelineState } from './pipeline.ts'
import { metadata, videoConfig, videoFrame } from './testing/flv-messages.ts'

const frameMs = 1000 / 30

/** A pipeline that was given one second of pictures, and what it says of itself. */
async function livePipeline(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-pipeline-test-'))
  const pipeline = new Pipeline({
    latency: 'Ultra',
    dvrWindowSeconds: 60,
    rungs: [],
    preset: 'ultrafast',
    firstNumbers: () => ({ mediaSequenceNumber: 1, lostSegments: 0, discontinuitySequence: 0 }),
    directory,
    thumbnailSeconds: 0,
    log: createLogger({ service: 'pipeline-test', level: 'error' }),
  })
  const states: PipelineState[] = []
  pipeline.onState = (state) => states.push(state)
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
  t.after(async () => {
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
  })
  return { pipeline, states, push }
}

/** Lets nothing of this process run, as a machine without a CPU to spare does. */
function starve(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('an encoder that falls silent is gone after two parts', { timeout: 30_000 }, async (t) => {
  const { pipeline, states } = await livePipeline(t)
  assert.deepEqual(states, ['live'])
  while (pipeline.state === 'live') await wait(20)
  assert.deepEqual(states, ['live', 'interrupted'])
})

test('a process that did not run itself takes nobody for silent', { timeout: 30_000 }, async (t) => {
  const { pipeline, states, push } = await livePipeline(t)
  starve(800)
  await wait(30) // timers have fired by now; the encoder's pictures come a moment later
  push(30)
  await wait(200)
  push(6)
  assert.equal(pipeline.state, 'live')
  assert.deepEqual(states, ['live'])
})
