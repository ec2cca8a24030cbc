import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectObjectStore, type ObjectStore } from '@mytaek1/platform/object-store.ts'
import { testBucket } from '@mytaek1/platform/testing/bucket.ts'
import { chapterShape } from '../../recording/chapter.ts'
import { chaptersPrefix, readNames } from '../../recording/layout.ts'
import { Pipeline } from '../pipeline.ts'
import { metadata, videoConfig, videoFrame } from '../testing/flv-messages.ts'
import { Recorder } from './recorder.ts'

const log = createLogger({ service: 'recorder-test' }, { write: () => {} })
const frameMs = 1000 / 30
const segmentFrames = 60

/** A stream of pictures from no encoder, recorded into `store`; segments of two seconds come as fast as they are asked for. */
async function recordedStream(
  t: TestContext,
  store: ObjectStore,
  options: { dvrWindowSeconds?: number; writeEveryMs?: number; endMs?: number } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-recorder-test-'))
  const pipeline = new Pipeline({
    latency: 'Low',
    dvrWindowSeconds: options.dvrWindowSeconds ?? 600,
    rungs: [],
    preset: 'ultrafast',
    firstNumbers: () => ({ mediaSequenceNumber: 7, lostSegments: 0, discontinuitySequence: 0 }),
    directory,
    transcoderDirectory: directory, // nobody is there, nor asked for
    thumbnailSeconds: 0,
    log,
  })
  const recorder = new Recorder({
    broadcast: 'b-1',
    connect: () => Promise.resolve({ ...store, close: () => undefined }), // the test reads on
    frameRate: (name) => pipeline.variants()?.find((variant) => variant.name === name)?.frameRate,
    log,
    endMs: options.endMs ?? 120_000,
    writeEveryMs: options.writeEveryMs,
  })
  pipeline.on('output', (output) => recorder.follow(output))
  t.after(async () => {
    await recorder.end({ isOver: false })
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
  })
  const connection = pipeline.connect()
  let frames = 0
  const push = (count: number) => {
    for (let pushed = 0; pushed < count; pushed += 1) {
      pipeline.push(connection, videoFrame(Math.round(frames * frameMs), { key: frames % segmentFrames === 0 }))
      frames += 1
    }
  }
  pipeline.push(connection, metadata({ framerate: 30, width: 1280, videocodecid: 7 }))
  pipeline.push(connection, videoConfig())
  push(1)
  await wait(60) // the epoch's first part is held back for so long
  push(segmentFrames)
  /** Completes so many segments more. */
  const segments = (count: number) => push(count * segmentFrames)
  return { pipeline, recorder, segments }
}

async function chaptersIn(store: ObjectStore) {
  const { chapters, closed } = readNames('b-1', await store.list(chaptersPrefix('b-1')))
  const contents = await Promise.all(
    chapters.map(async ({ rendition, take, number }) => {
      const body = await store.read(`recordings/b-1/chapters/${rendition}-${take}-${number}.json`, { maxBytes: 1e6 })
      return { rendition, take, number, ...chapterShape.parse(JSON.parse(String(body))) }
    }),
  )
  return { chapters: contents.sort((a, b) => a.number - b.number), closed }
}

function bucket(t: TestContext): ObjectStore {
  const store = connectObjectStore(testBucket())
  t.after(() => store.close())
  return store
}

test('every complete segment is stored under its number, and listed with what it is; the end closes the recording', async (t) => {
  const store = bucket(t)
  const { pipeline, recorder, segments } = await recordedStream(t, store)
  segments(3)
  await pipeline.end()
  await recorder.end({ isOver: true })
  assert.ok(recorder.closed)
  assert.equal(recorder.lost, 0)
  const { chapters, closed } = await chaptersIn(store)
  const [chapter] = chapters
  assert.ok(chapter)
  assert.deepEqual(closed, [chapter.take])
  assert.deepEqual(
    chapter.segments.map(({ number }) => number),
    pipeline.output('source')?.rendition.segments.map(({ mediaSequenceNumber }) => mediaSequenceNumber),
  )
  assert.equal(recorder.stored, chapter.segments.length)
  assert.deepEqual(
    [chapter.rendition, chapter.codecs, chapter.width, chapter.height],
    ['source', ['avc1.42c01f'], 1280, 720],
  )
  for (const { number, bytes } of chapter.segments) {
    const stored = await store.read(`recordings/b-1/source/seg-${chapter.take}-${number}.m4s`, { maxBytes: 1e6 })
    assert.equal(stored?.length, bytes)
    assert.deepEqual(stored, await pipeline.output('source')?.store.segment(number))
  }
  const init = await store.read(`recordings/b-1/source/init-${chapter.take}-${chapter.init}.mp4`, { maxBytes: 1e6 })
  assert.deepEqual(init, pipeline.output('source')?.store.init(`init-${chapter.init}.mp4`))
})

test('a long recording is chapters of bounded length', async (t) => {
  const store = bucket(t)
  const { pipeline, recorder, segments } = await recordedStream(t, store, { dvrWindowSeconds: 3_600 })
  for (let count = 0; count < 310; count += 10) {
    segments(10)
    while (recorder.waiting > 0) await wait(20)
  }
  await pipeline.end()
  await recorder.end({ isOver: true })
  const { chapters } = await chaptersIn(store)
  assert.deepEqual(
    chapters.map((chapter) => chapter.segments.length > 0 && chapter.segments.length <= 300),
    [true, true],
  )
  const numbers = chapters.flatMap((chapter) => chapter.segments.map(({ number }) => number))
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b).map((_, index) => 7 + index),
  )
})

test('what a process has listed is there whatever becomes of it', async (t) => {
  const store = bucket(t)
  const { recorder, segments } = await recordedStream(t, store, { writeEveryMs: 0 })
  segments(3)
  for (;;) {
    const { chapters, closed } = await chaptersIn(store)
    assert.deepEqual(closed, [])
    const listed = chapters.flatMap((chapter) => chapter.segments.map(({ number }) => number))
    assert.ok(listed.length <= recorder.stored, 'nothing is listed before it is stored')
    if (listed.length >= 3) return assert.deepEqual(listed.slice(0, 3), [7, 8, 9])
    await wait(20, undefined, { signal: t.signal })
  }
})

test('a process that follows another writes no file of its predecessor, whatever numbers it counts', async (t) => {
  const store = bucket(t)
  const first = await recordedStream(t, store)
  first.segments(1)
  await first.recorder.end({ isOver: false })
  const before = await store.list('recordings/b-1/')
  const second = await recordedStream(t, store)
  second.segments(1)
  await second.pipeline.end()
  await second.recorder.end({ isOver: true })
  const { chapters, closed } = await chaptersIn(store)
  assert.equal(chapters.length, 2)
  assert.equal(new Set(chapters.map(({ take }) => take)).size, 2)
  assert.equal(closed.length, 1)
  assert.ok(before.every((key) => !closed.some((take) => key.includes(take))))
})

test('while the store is gone the stream goes on; what the DVR window still has is stored later, the rest is counted', async (t) => {
  const real = bucket(t)
  const asked: string[] = []
  let isUp = false
  const store: ObjectStore = {
    ...real,
    put: async (key, body, options) => {
      asked.push(key)
      if (!isUp) throw new Error('no store')
      return await real.put(key, body, options)
    },
  }
  const { pipeline, recorder, segments } = await recordedStream(t, store, { dvrWindowSeconds: 12 })
  segments(20)
  assert.deepEqual(pipeline.output('source')?.rendition.next, { mediaSequenceNumber: 28, part: 0 }, 'nobody waits')
  assert.equal(pipeline.state, 'live')
  assert.ok(recorder.lost > 5, `${recorder.lost} lost`)
  assert.ok(recorder.waiting <= 8, `${recorder.waiting} wait`)
  isUp = true
  await pipeline.end()
  await recorder.end({ isOver: true })
  assert.ok(recorder.closed)
  const { chapters } = await chaptersIn(real)
  const numbers = chapters.flatMap((chapter) => chapter.segments.map(({ number }) => number))
  const window = pipeline.output('source')?.rendition.segments.map((segment) => segment.mediaSequenceNumber) ?? []
  assert.ok(window.every((number) => numbers.includes(number)))
  assert.equal(recorder.stored, numbers.length)
  assert.equal(asked.filter((key) => key.includes('/seg-')).length, numbers.length, 'one at a time')
})

test('a store that takes nothing until the end is given up in time, and the recording is not called closed', async (t) => {
  const store: ObjectStore = {
    ...bucket(t),
    put: async (_key, _body, { signal }) => {
      await once(signal ?? assert.fail('no end'), 'abort')
      throw new Error('given up')
    },
  }
  const { pipeline, recorder, segments } = await recordedStream(t, store, { endMs: 3_000 })
  segments(2)
  await pipeline.end()
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const ended = recorder.end({ isOver: true })
  t.mock.timers.tick(2_999)
  assert.notEqual(await Promise.race([ended.then(() => 'given up'), new Promise(setImmediate)]), 'given up')
  t.mock.timers.tick(1)
  t.mock.timers.reset()
  await ended
  assert.ok(!recorder.closed)
  assert.equal(recorder.stored, 0)
})
