import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { PublishSignal } from './http/publish-signal.ts'
import { DvrBudget } from './store/dvr-budget.ts'
import { RenditionOutput } from './output.ts'
import { parseAvcConfig } from './remux/avc.ts'
import { avcRecords } from './testing/flv-messages.ts'

const segmentBytes = 100_000

/** Renditions of one Pod, and a way to give them segments of two seconds. */
async function outputsIn(t: TestContext, names: string[], dvrWindowSeconds: number, now?: () => number) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-output-test-'))
  const signal = new PublishSignal()
  const outputs = names.map(
    (name) =>
      new RenditionOutput({
        name,
        targetDurationSeconds: 2,
        dvrWindowSeconds,
        directory: join(directory, name),
        signal,
        onError: (error) => assert.fail(String(error)),
        now,
      }),
  )
  t.after(async () => {
    await Promise.all(outputs.map((output) => output.store.close()))
    await rm(directory, { recursive: true, force: true })
  })
  let next = 100
  const segment = (kind: 'media' | 'gap') => {
    for (const output of outputs) {
      start(output, next, kind)
      output.endSegment()
    }
    next += 1
  }
  return { outputs, signal, segment }
}

function start(output: RenditionOutput, mediaSequenceNumber: number, kind: 'media' | 'gap'): void {
  const video = parseAvcConfig(avcRecords.sd25)
  const place = { mediaSequenceNumber, epoch: 0 }
  const dates = { discontinuity: false, discontinuitySequence: 0, programDateTimeMs: 0 }
  output.startSegment({ type: 'segment-start', ...place, ...dates }, kind === 'gap' ? {} : { video })
  const timing = { startTicks: 0, durationTicks: 180_000, presentationTicks: 0, independent: true }
  const picture = { dts: 0, pts: 0, duration: 180_000, keyFrame: true, data: Buffer.alloc(segmentBytes) }
  const part = { kind, ...place, partIndex: 0, ...timing, video: [picture], audio: [] }
  output.addPart(part, kind === 'gap' ? undefined : [picture], true)
}

const numbersOf = ({ rendition }: RenditionOutput) =>
  rendition.segments.map(({ mediaSequenceNumber }) => mediaSequenceNumber)

test('segments that a predecessor lost are not recorded, and nothing of them stays in memory', async (t) => {
  const { outputs, segment } = await outputsIn(t, ['source'], 60)
  const [source] = outputs
  assert.ok(source)
  const completed: number[] = []
  source.on('segment', ({ mediaSequenceNumber }) => completed.push(mediaSequenceNumber))
  segment('gap')
  segment('media')
  assert.deepEqual(completed, [101])
  assert.equal(source.store.part({ mediaSequenceNumber: 100, part: 0 }), undefined)
  assert.ok(((await source.store.segment(101))?.length ?? 0) > segmentBytes)
})

test('a completed segment is in the store when it is told of', async (t) => {
  const { outputs, segment } = await outputsIn(t, ['source'], 60)
  const [source] = outputs
  assert.ok(source)
  const read: Promise<Buffer | undefined>[] = []
  source.on('segment', ({ mediaSequenceNumber }) => read.push(source.store.segment(mediaSequenceNumber)))
  segment('media')
  assert.ok(((await read[0])?.length ?? 0) > segmentBytes)
})

test('a Pod whose disk is full of segments shortens every DVR window alike, the oldest segments first', async (t) => {
  const { outputs, segment, signal } = await outputsIn(t, ['source', '480p'], 3600)
  const budget = new DvrBudget(28.5 * segmentBytes)
  for (const output of outputs) budget.follow(output)
  for (let count = 0; count < 14; count += 1) segment('media')
  for (const output of outputs) assert.equal(numbersOf(output)[0], 100)
  const { version } = signal
  segment('media')
  assert.ok(signal.version > version, 'playlists are made anew')
  for (let count = 0; count < 9; count += 1) segment('media')
  for (const output of outputs) {
    assert.deepEqual(numbersOf(output), [116, 117, 118, 119, 120, 121, 122, 123])
    assert.ok((await output.store.segment(110))?.length, 'what has just left the playlist stays fetchable')
    assert.equal(await output.store.segment(109), undefined)
  }
})

test('a segment stays fetchable for its own duration and its longest playlist, counted from when it left', async (t) => {
  let nowMs = 0
  const { outputs, segment } = await outputsIn(t, ['source'], 20, () => nowMs)
  const [source] = outputs
  assert.ok(source)
  const at = (seconds: number) => {
    for (; nowMs < seconds * 1000; nowMs += 2000) segment('media')
    return source.store.segment(100)
  }
  assert.ok(await at(22))
  assert.ok(!numbersOf(source).includes(100), 'it left after 20 s')
  assert.ok(await at(20 + 2 + 20))
  assert.equal(await at(20 + 2 + 20 + 6), undefined)
})

test('no budget is so small that a window of six target durations does not fit', async (t) => {
  const { outputs, segment } = await outputsIn(t, ['source', '480p'], 3600)
  const budget = new DvrBudget(1)
  for (const output of outputs) budget.follow(output)
  for (let count = 0; count < 20; count += 1) segment('media')
  for (const output of outputs) assert.deepEqual(numbersOf(output), [114, 115, 116, 117, 118, 119])
})
