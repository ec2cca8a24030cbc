import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { readVideoTag } from '../../rtmp/flv-tag.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { FlvPipeReader } from './flv-pipe.ts'
import type { EncodedFrame } from './rung-packager.ts'
import { startTranscoder } from '../../transcoder/testing/transcoder-fixture.ts'
import { Transcoder, type TranscoderOptions } from './transcoder.ts'

const frameTicks = 3000

/** One second of a test pattern, one GOP unless told otherwise, as an encoder sends it. */
async function oneGop(options = '-g 30') {
  const command = `-v error -f lavfi -i testsrc2=size=320x240:rate=30 -t 1 -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p ${options} -f flv pipe:1`
  const child = spawn('ffmpeg', command.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  const reader = new FlvPipeReader()
  const samples: VideoSample[] = []
  let source: ReturnType<typeof parseAvcConfig>
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (const { type, body } of reader.push(chunk)) {
      if (type !== 'video') continue
      const tag = readVideoTag(body)
      const data = Buffer.from(body.subarray(tag.payloadAt))
      const dts = samples.length * frameTicks
      if (tag.role === 'header') source = parseAvcConfig(data)
      if (tag.role === 'key' || tag.role === 'frame')
        samples.push({ dts, pts: dts, duration: frameTicks, keyFrame: tag.role === 'key', data })
    }
  }
  assert.ok(source)
  return { source, samples }
}

/** A transcoder of one small rung that ends with the test. */
async function transcoderOf(
  t: TestContext,
  source: VideoConfig,
  onFrame: (frame: EncodedFrame) => void,
  { ffmpegPath, ...options }: { ffmpegPath?: string; log?: TranscoderOptions['log'] } = {},
): Promise<Transcoder> {
  const { directory, close } = await startTranscoder(ffmpegPath)
  const transcoder = new Transcoder({
    directory,
    rungs: [{ name: '120p', width: 160, height: 120, bitrateBps: 200_000 }],
    source,
    frameRate: 30,
    preset: 'ultrafast',
    log: createLogger({ service: 'transcoder-test', level: 'error' }),
    onFrame: (_rung, frame) => onFrame(frame),
    ...options,
  })
  t.after(async () => {
    await transcoder.stop()
    await close()
  })
  return transcoder
}

/** A folder that goes with the test, and in it a program that does not read. */
async function programs(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-transcoder-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const deaf = join(directory, 'deaf')
  await writeFile(deaf, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
  return { directory, deaf }
}

/** A log that keeps what is said, and lets a test wait for it. */
function heardLog() {
  const events: string[] = []
  const heard = new EventEmitter()
  const log = createLogger(
    { service: 'transcoder-test' },
    {
      write: (line: string) => {
        const { event } = JSON.parse(line) as { event: string }
        events.push(event)
        heard.emit(event)
      },
    },
  )
  return { log, events, heard }
}

test('an encoder gives back every picture, from the first key frame on', { timeout: 300_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const got = Promise.withResolvers<void>()
  const frames: EncodedFrame[] = []
  const transcoder = await transcoderOf(t, source, (frame) => {
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

test('fields become pictures, each at its time, with the key frames of the source', { timeout: 300_000 }, async (t) => {
  const fields = '-g 10 -vf interlace=lowpass=off,fps=30 -flags +ildct+ilme -x264-params tff=1'
  const { source, samples } = await oneGop(fields)
  assert.equal(source.interlaced, true)
  const got = Promise.withResolvers<void>()
  const frames: EncodedFrame[] = []
  const transcoder = await transcoderOf(t, source, (frame) => {
    frames.push(frame)
    if (frame.ticks >= 25 * frameTicks) got.resolve()
  })
  transcoder.start()
  for (const sample of samples) transcoder.feed(sample)
  await got.promise
  const keys = (all: readonly { keyFrame: boolean }[]) => all.slice(0, 25).map(({ keyFrame }) => keyFrame)
  assert.deepEqual(keys(frames), keys(samples))
  assert.deepEqual(
    frames.slice(0, 25).map(({ ticks }) => ticks),
    samples.slice(0, 25).map(({ pts }) => pts),
  )
  assert.equal(frames[0]?.config.interlaced, false)
})

test('all of an encoder yields the CPU when it has caught up, and not before', { timeout: 300_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const caughtUp = Promise.withResolvers<void>()
  const priorities = () => {
    const threads = readdirSync(`/proc/${transcoder.pid}/task`).map(Number)
    return [...new Set(threads.map(getPriority))]
  }
  let first: number[] | undefined
  const transcoder = await transcoderOf(t, source, ({ ticks }) => {
    first ??= priorities()
    if (ticks >= 20 * frameTicks) caughtUp.resolve()
  })
  t.mock.timers.enable({ apis: ['setTimeout'] }) // after some seconds it is taken for one that has caught up
  for (const sample of samples) transcoder.feed(sample) // as a replacement, which is given the whole GOP
  transcoder.start()
  await caughtUp.promise
  t.mock.timers.reset()
  const ours = getPriority()
  assert.deepEqual(first, [ours])
  const yielded = [Math.min(19, ours + 10)]
  while (!isDeepStrictEqual(priorities(), yielded)) await wait(10) // the transcoder was told a moment ago
})

test('an encoder is stuck when it does not read what comes, however much it is given to begin with', async (t) => {
  const { source, samples } = await oneGop()
  const { deaf } = await programs(t)
  const { log, events } = heardLog()
  const transcoder = await transcoderOf(t, source, () => undefined, { log, ffmpegPath: deaf })
  const [key] = samples
  assert.ok(key)
  const megabyte = (index: number) => ({
    ...key,
    dts: index * frameTicks,
    keyFrame: index === 0,
    data: Buffer.alloc(1024 * 1024),
  })
  for (let index = 0; index < 12; index += 1) transcoder.feed(megabyte(index)) // before the start: it is kept for it
  transcoder.start()
  transcoder.feed(megabyte(12))
  assert.deepEqual(events, [])
  for (let index = 13; index < 21; index += 1) transcoder.feed(megabyte(index))
  assert.deepEqual(events, ['transcoder.stuck'])
})

test('an encoder that cannot be started is started as soon as it can be', { timeout: 300_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const { directory } = await programs(t)
  const { log, heard } = heardLog()
  const noFolder = join(directory, 'file')
  await writeFile(noFolder, '')
  const got = Promise.withResolvers<void>()
  const transcoder = await transcoderOf(t, source, () => got.resolve(), { log, ffmpegPath: join(noFolder, 'ffmpeg') })
  const refused = once(heard, 'transcoder.failed')
  transcoder.start() // ENOTDIR, which spawn throws as it does ENOMEM
  for (const sample of samples) transcoder.feed(sample)
  await refused
  await rm(noFolder)
  await mkdir(noFolder)
  await writeFile(join(noFolder, 'ffmpeg'), '#!/bin/sh\nexec ffmpeg "$@"\n', { mode: 0o755 })
  await got.promise
  assert.ok(transcoder.restarts > 0)
})

test('an encoder that writes what no encoder does is started anew', { timeout: 300_000 }, async (t) => {
  const { source, samples } = await oneGop()
  const { directory } = await programs(t)
  const { log, heard } = heardLog()
  const liar = join(directory, 'liar')
  const script = `require('node:net').connect(process.argv.at(-1).slice(5)).write('not FLV at all')`
  await writeFile(liar, `#!${process.execPath}\n${script}`, { mode: 0o755 })
  const transcoder = await transcoderOf(t, source, () => assert.fail('a picture of nothing'), { log, ffmpegPath: liar })
  const failed = once(heard, 'transcoder.failed')
  transcoder.start()
  for (const sample of samples) transcoder.feed(sample)
  await failed
  await once(heard, 'transcoder.failed')
  assert.ok(transcoder.restarts >= 2)
})
