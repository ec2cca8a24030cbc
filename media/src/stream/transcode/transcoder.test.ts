import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { type TestContext, test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { type VideoConfig, parseAvcConfig } from '../remux/avc.ts'
import { parseVideoTag } from '../remux/flv-tag.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { FlvPipeReader } from './flv-pipe.ts'
import type { EncodedFrame } from './rung-packager.ts'
import { Transcoder } from './transcoder.ts'

const frameTicks = 3000

/** One second of a test pattern, one GOP, as an encoder sends it. */
async function oneGop() {
  const command =
    '-v error -f lavfi -i testsrc2=size=320x240:rate=30 -t 1 -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 30 -f flv pipe:1'
  const child = spawn('ffmpeg', command.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  const reader = new FlvPipeReader()
  const samples: VideoSample[] = []
  let source: ReturnType<typeof parseAvcConfig>
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (const { type, body } of reader.push(chunk)) {
      if (type !== 'video') continue
      const tag = parseVideoTag(body)
      const dts = samples.length * frameTicks
      if (tag.kind === 'config') source = parseAvcConfig(tag.record)
      if (tag.kind === 'frame')
        samples.push({ dts, pts: dts, duration: frameTicks, keyFrame: tag.keyFrame, data: Buffer.from(tag.data) })
    }
  }
  assert.ok(source)
  return { source, samples }
}

/** A transcoder of one small rung that ends with the test. */
function transcoderOf(t: TestContext, source: VideoConfig, onFrame: (frame: EncodedFrame) => void): Transcoder {
  const transcoder = new Transcoder({
    rungs: [{ name: '120p', height: 120, bitrateBps: 200_000 }],
    source,
    frameRate: 30,
    preset: 'ultrafast',
    log: createLogger({ service: 'transcoder-test', level: 'error' }),
    onFrame: (_rung, frame) => onFrame(frame),
  })
  t.after(() => transcoder.stop())
  return transcoder
}

test('an encoder gives back every picture, from the first key frame on', { timeout: 60_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const got = Promise.withResolvers<void>()
  const frames: EncodedFrame[] = []
  const transcoder = transcoderOf(t, source, (frame) => {
    frames.push(frame)
    if (frame.ticks >= 20 * frameTicks) got.resolve()
  })
  transcoder.start()
  for (const sample of samples) transcoder.feed(sample)
  await got.promise
  assert.deepEqual(
    frames.slice(0, 20).map(({ ticks, keyFrame }) => [ticks, keyFrame]),
    Array.from({ length: 20 }, (_, index) => [index * frameTicks, index === 0]),
  )
})

test('all of an encoder yields the CPU when it has caught up, and not before', { timeout: 60_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const caughtUp = Promise.withResolvers<void>()
  const seen: number[][] = []
  const transcoder = transcoderOf(t, source, ({ ticks }) => {
    const threads = readdirSync(`/proc/${transcoder.pid}/task`).map(Number)
    seen.push([...new Set(threads.map(getPriority))])
    if (ticks >= 20 * frameTicks) caughtUp.resolve()
  })
  for (const sample of samples) transcoder.feed(sample) // as a replacement, which is given the whole GOP
  transcoder.start()
  await caughtUp.promise
  const ours = getPriority()
  assert.deepEqual([seen[0], seen.at(-1)], [[ours], [Math.min(19, ours + 10)]])
})
