import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { PublishSignal } from '../http/publish-signal.ts'
import { RenditionOutput } from '../output.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import { startTranscoder } from '../../transcoder/testing/transcoder-fixture.ts'
import { avcRecords } from '../testing/flv-messages.ts'
import { trackRuns } from '../testing/mp4-boxes.ts'
import { RungLadder } from './rung-ladder.ts'

const frameTicks = 3000
const partFrames = 15

/** A ladder whose encoder ends at once, as one that is killed again and again, and the outputs of its rungs. */
async function ladderOf(t: TestContext, wanted: RungSpec[], idleCores = () => 0, ffmpegPath = '/bin/true') {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-ladder-test-'))
  const transcoder = await startTranscoder(ffmpegPath)
  const outputs = new Map<string, RenditionOutput>()
  const ladder = new RungLadder({
    wanted,
    preset: 'ultrafast',
    log: createLogger({ service: 'ladder-test', level: 'error' }),
    directory: transcoder.directory,
    idleCores,
    output: (name) => {
      const output = new RenditionOutput({
        name,
        targetDurationSeconds: 2,
        dvrWindowSeconds: 60,
        directory,
        signal: new PublishSignal(),
        onError: () => undefined,
      })
      outputs.set(name, output)
      return output
    },
  })
  t.after(async () => {
    await ladder.close()
    await transcoder.close()
    await rm(directory, { recursive: true, force: true })
  })
  return { ladder, outputs }
}

test('a ladder whose encoder gives nothing sheds its rungs one by one, and has them back once the machine is idle', async (t) => {
  let idleCores = 0
  const wanted = [
    { height: 480, bitrateBps: 1_000_000 },
    { height: 360, bitrateBps: 500_000 },
  ]
  const { ladder } = await ladderOf(t, wanted, () => idleCores)
  let frame = 0
  /** Seconds of a source, as fast as they can be given. */
  const play = (seconds: number) => {
    for (const until = frame + seconds * 30; frame < until; frame += 1) {
      const nowMs = (frame * 1000) / 30
      const dts = frame * frameTicks
      const sample = { dts, pts: dts, duration: frameTicks, keyFrame: frame % 60 === 0, data: Buffer.alloc(8) }
      ladder.feed(sample, nowMs)
      if (frame % partFrames !== partFrames - 1) continue
      const startTicks = (frame - partFrames + 1) * frameTicks
      const place = { mediaSequenceNumber: 1, partIndex: (frame + 1) / partFrames - 1, epoch: 0 }
      const timing = { startTicks, durationTicks: partFrames * frameTicks, presentationTicks: startTicks }
      const part = { kind: 'media' as const, ...place, ...timing, independent: false, video: [sample], audio: [] }
      ladder.cut([{ type: 'part', part }], nowMs)
    }
  }
  ladder.epoch(parseAvcConfig(avcRecords.hd30), frameTicks, 0)
  assert.deepEqual(ladder.wanted, ['480p', '360p'])
  play(13)
  assert.deepEqual(ladder.wanted, ['360p'])
  play(7)
  assert.deepEqual(ladder.wanted, [])
  play(60)
  assert.deepEqual(ladder.wanted, [], 'no processor is idle')
  idleCores = 1.5
  play(31)
  assert.deepEqual(ladder.wanted, ['360p'])
  idleCores = 0
  play(20)
  assert.deepEqual(ladder.wanted, [], 'it was waited for, in vain')
})

test('pictures that came while this process itself stood still are in their part', { timeout: 300_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-ladder-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const echo = join(directory, 'ffmpeg') // which gives back what it is given
  const paths = `process.argv.filter((word) => word.startsWith('unix:')).map((word) => word.slice(5))`
  const script = `const [input, output] = ${paths}.map((path) => require('node:net').connect(path)); input.pipe(output)`
  await writeFile(echo, `#!${process.execPath}\n${script}\n`, { mode: 0o755 })
  const { ladder, outputs } = await ladderOf(t, [{ height: 240, bitrateBps: 500_000 }], () => 0, echo)
  ladder.epoch(parseAvcConfig(avcRecords.hd30), frameTicks, Date.now())
  const dates = { discontinuity: false, discontinuitySequence: 0, programDateTimeMs: 0, epoch: 0 }
  ladder.cut([{ type: 'segment-start', mediaSequenceNumber: 1, ...dates }], Date.now())
  const give = (partIndex: number) => {
    const startTicks = partIndex * partFrames * frameTicks
    const video = Array.from({ length: partFrames }, (_, index) => {
      const dts = startTicks + index * frameTicks
      return { dts, pts: dts, duration: frameTicks, keyFrame: dts === 0, data: Buffer.alloc(8) }
    })
    for (const sample of video) ladder.feed(sample, Date.now())
    const place = { mediaSequenceNumber: 1, partIndex, epoch: 0, independent: partIndex === 0 }
    const timing = { startTicks, durationTicks: partFrames * frameTicks, presentationTicks: startTicks }
    ladder.cut([{ type: 'part', part: { kind: 'media', ...place, ...timing, video, audio: [] } }], Date.now())
  }
  const picturesIn = async (part: number) => {
    for (;;) {
      const bytes = outputs.get('240p')?.store.part({ mediaSequenceNumber: 1, part })
      if (bytes !== undefined) return trackRuns(bytes)[0]?.samples
      await setImmediate(undefined, { signal: t.signal })
    }
  }
  give(0)
  assert.equal(await picturesIn(0), partFrames)
  give(1)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500)
  assert.equal(await picturesIn(1), partFrames)
})

test('when the source changes, nothing waits any longer for pictures of the old one', async (t) => {
  const { ladder, outputs } = await ladderOf(t, [{ height: 240, bitrateBps: 500_000 }])
  ladder.epoch(parseAvcConfig(avcRecords.hd30), frameTicks, 0)
  const dates = { discontinuity: false, discontinuitySequence: 0, programDateTimeMs: 0, epoch: 0 }
  const timing = { startTicks: 0, durationTicks: 45_000, presentationTicks: 0, independent: true }
  const media = (mediaSequenceNumber: number, kind: 'media' | 'gap') => [
    { type: 'segment-start' as const, mediaSequenceNumber, ...dates },
    {
      type: 'part' as const,
      part: { kind, mediaSequenceNumber, partIndex: 0, epoch: 0, ...timing, video: [], audio: [] },
    },
    { type: 'segment-end' as const, mediaSequenceNumber },
  ]
  const picture = { dts: 0, pts: 0, duration: 3000, keyFrame: true, data: Buffer.alloc(1) }
  ladder.cut(media(1, 'gap'), 0)
  ladder.cut(
    media(2, 'media').map((event) =>
      event.type === 'part' ? { ...event, part: { ...event.part, video: [picture] } } : event,
    ),
    10,
  )
  const numbers = () => outputs.get('240p')?.rendition.segments.map(({ mediaSequenceNumber }) => mediaSequenceNumber)
  assert.deepEqual(numbers(), [1])
  ladder.epoch(parseAvcConfig(avcRecords.sd25), frameTicks, 20)
  assert.deepEqual(numbers(), [1, 2])
})

test('a source that turns upright keeps its rungs, in its new shape', { timeout: 300_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-ladder-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const [ffmpeg, said] = [join(directory, 'ffmpeg'), join(directory, 'said')]
  await writeFile(ffmpeg, `#!/bin/sh\necho "$@" >>${said}\nexec sleep 60\n`, { mode: 0o755 })
  const { ladder } = await ladderOf(t, [{ height: 240, bitrateBps: 500_000 }], () => 0, ffmpeg)
  const source = parseAvcConfig(avcRecords.hd30)
  assert.ok(source)
  const scales = async (count: number) => {
    for (;;) {
      const found = [...(await readFile(said, 'utf8').catch(() => '')).matchAll(/scale=(\d+:\d+)/g)].map(
        ([, size]) => size,
      )
      if (found.length >= count) return found
      await setImmediate(undefined, { signal: t.signal })
    }
  }
  ladder.epoch(source, frameTicks, 0)
  assert.deepEqual(await scales(1), ['426:240'])
  const record = Buffer.concat([source.record, Buffer.alloc(1)]) // another one
  ladder.epoch({ ...source, record, width: 720, height: 1280 }, frameTicks, 10)
  assert.deepEqual(await scales(2), ['426:240', '240:426'])
  assert.deepEqual(ladder.wanted, ['240p'])
})
