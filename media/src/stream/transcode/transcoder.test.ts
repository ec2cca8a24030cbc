import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { parseAvcConfig } from '../remux/avc.ts'
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

test('an encoder gives back every picture, from the first key frame on', { timeout: 60_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const got = Promise.withResolvers<void>()
  const frames: EncodedFrame[] = []
  const transcoder = new Transcoder({
    rungs: [{ name: '120p', height: 120, bitrateBps: 200_000 }],
    source,
    frameRate: 30,
    preset: 'ultrafast',
    log: createLogger({ service: 'transcoder-test', level: 'error' }),
    onFrame: (_rung, frame) => {
      frames.push(frame)
      if (frame.ticks >= 20 * frameTicks) got.resolve()
    },
  })
  t.after(() => transcoder.stop())
  transcoder.start()
  for (const sample of samples) transcoder.feed(sample)
  await got.promise
  assert.deepEqual(
    frames.slice(0, 20).map(({ ticks, keyFrame }) => [ticks, keyFrame]),
    Array.from({ length: 20 }, (_, index) => [index * frameTicks, index === 0]),
  )
})

test(
  'an encoder yields the CPU when it has caught up with its source, and not before',
  { timeout: 60_000 },
  async (t) => {
    const { source, samples } = await oneGop()
    const caughtUp = Promise.withResolvers<void>()
    const priorities: number[] = []
    const transcoder = new Transcoder({
      rungs: [{ name: '120p', height: 120, bitrateBps: 200_000 }],
      source,
      frameRate: 30,
      preset: 'ultrafast',
      log: createLogger({ service: 'transcoder-test', level: 'error' }),
      onFrame: (_rung, { ticks }) => {
        priorities.push(getPriority(transcoder.pid))
        if (ticks >= 20 * frameTicks) caughtUp.resolve()
      },
    })
    t.after(() => transcoder.stop())
    for (const sample of samples) transcoder.feed(sample) // as a replacement, which is given the whole GOP
    transcoder.start()
    await caughtUp.promise
    const yielded = Math.min(19, getPriority() + 10)
    assert.deepEqual([priorities[0], priorities.at(-1)], [getPriority(), yielded])
  },
)
