import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacRecords, avcRecords } from '../testing/flv-messages.ts'
import { parseAacConfig } from '../remux/aac.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import type { Tracks } from '../remux/boxes.ts'
import type { LatencyProfile } from './part-target.ts'
import type { CutEvent, CutPart } from './cut-event.ts'
import { Segmenter } from './segmenter.ts'

const video = parseAvcConfig(avcRecords.hd30)
const audio = parseAacConfig(aacRecords.stereo48)

interface Feed {
  segmenter: Segmenter
  events: CutEvent[]
  /** The next pictures; a key frame every `gop`, counted from the last `restart`. */
  frames: (count: number, gop: number, options?: { restart: boolean }) => void
  nowMs: () => number
  parts: () => CutPart[]
}

/** Feeds a segmenter pictures of one rate in real time: the clock is where the pictures are. */
function feed(options: { rate?: number; latency?: LatencyProfile; tracks?: Tracks } = {}): Feed {
  const { rate = 30, latency = 'Low', tracks = { video, audio } } = options
  const segmenter = new Segmenter({
    latency,
    targetDurationSeconds: 2,
    firstNumbers: () => ({ mediaSequenceNumber: 100, discontinuitySequence: 5, lostSegments: 0 }),
  })
  const frameTicks = Math.round(90_000 / rate)
  const events: CutEvent[] = []
  const start = Date.UTC(2026, 0, 1)
  let count = 0
  const nowMs = () => start + (segmenter.endTicks + frameTicks) / 90
  events.push(...segmenter.beginEpoch({ tracks, frameTicks, nowMs: start - 1000 }))
  return {
    segmenter,
    events,
    nowMs,
    parts: () => events.flatMap((event) => (event.type === 'part' ? [event.part] : [])),
    frames: (frames, gop, { restart } = { restart: false }) => {
      if (restart) count = 0
      for (let index = 0; index < frames; index += 1) {
        const dts = segmenter.endTicks
        const sample = {
          dts,
          pts: dts,
          duration: frameTicks,
          keyFrame: count % gop === 0,
          data: Buffer.from([count % 256]),
        }
        count += 1
        events.push(...segmenter.video(sample, frameTicks, nowMs()))
      }
    },
  }
}

const seconds = (part: CutPart) => part.durationTicks / 90_000

test('a part of 30 fps is published with its fifteenth frame, not with the sixteenth', () => {
  const stream = feed()
  stream.frames(14, 60)
  assert.equal(stream.parts().length, 0)
  stream.frames(1, 60)
  assert.equal(stream.parts().length, 1)
  assert.equal(stream.parts()[0]?.video.length, 15)
  assert.equal(stream.parts()[0]?.durationTicks, 45_000)
})

test('a segment ends where the next key frame is expected, before that frame is there', () => {
  const stream = feed()
  stream.frames(60, 60)
  assert.deepEqual(
    stream.events.map((event) => event.type),
    ['epoch', 'segment-start', 'part', 'part', 'part', 'part', 'segment-end'],
  )
  stream.frames(15, 60)
  const next = stream.parts().at(-1)
  assert.deepEqual([next?.mediaSequenceNumber, next?.partIndex, next?.independent], [101, 0, true])
})

test('key frames 1.6 s apart give segments of 1.6 s once the interval is known', () => {
  const stream = feed()
  stream.frames(48 * 5, 48)
  const ends = stream
    .parts()
    .filter((part) => part.partIndex === 0)
    .map((part) => part.startTicks / 90_000)
  assert.deepEqual(
    ends.slice(-3).map((start) => Math.round(start * 10) / 10),
    [3.2, 4.8, 6.4],
  )
  assert.ok(
    stream
      .parts()
      .filter((part) => part.partIndex === 0)
      .every((part) => part.independent),
  )
})

test('key frames half a second apart gather in segments of the target duration, each on a part boundary', () => {
  const stream = feed()
  stream.frames(15 * 20, 15)
  const last = stream.events.filter((event) => event.type === 'segment-end').length
  assert.ok(stream.parts().every((part) => part.independent))
  assert.ok(last >= 4 && last <= 6, `${last} segments in 10 s`)
})

test('no segment exceeds the target duration when key frames are 10 s apart', () => {
  const stream = feed()
  stream.frames(600, 300)
  const durations = new Map<number, number>()
  for (const part of stream.parts())
    durations.set(part.mediaSequenceNumber, (durations.get(part.mediaSequenceNumber) ?? 0) + seconds(part))
  for (const duration of durations.values()) assert.ok(Math.round(duration) <= 2, `${duration}`)
})

test('an unexpected key frame ends the segment, so that segments start with key frames', () => {
  const stream = feed()
  stream.frames(60, 60)
  stream.frames(20, 60)
  stream.frames(60, 60, { restart: true })
  const starts = stream.parts().filter((part) => part.partIndex === 0)
  assert.ok(starts.every((part) => part.independent))
  assert.ok(stream.parts().every((part) => seconds(part) <= 0.502))
})

test('every full part of every common rate lasts between 85 % of the target and the target', () => {
  for (const rate of [10, 15, 20, 24, 25, 29.97, 30, 48, 50, 59.94, 60])
    for (const gop of [0.5, 1, 2, 2.2, 4])
      for (const latency of ['Low', 'Ultra'] as const) {
        const stream = feed({ rate, latency })
        stream.frames(Math.round(rate * 12), Math.max(1, Math.round(rate * gop)))
        const target = stream.segmenter.partTargetTicks ?? 0
        const parts = stream.parts()
        for (const [index, part] of parts.entries()) {
          const what = `${part.durationTicks} of ${target} at ${rate}, a key frame every ${gop} s, ${latency}`
          assert.ok(part.durationTicks <= target, what)
          const next = parts[index + 1]
          const isLastOfSegment = next === undefined || next.mediaSequenceNumber !== part.mediaSequenceNumber
          if (!isLastOfSegment) assert.ok(part.durationTicks >= 0.85 * target, what)
        }
      }
})

test('a part takes the audio of its time, and no sample is lost or doubled between parts', () => {
  const stream = feed()
  let time = 0
  for (let frame = 0; frame < 60; frame += 1) {
    while (time / 48_000 < (frame + 3) / 30) {
      stream.events.push(...stream.segmenter.audio({ time, duration: 1024, data: Buffer.from([1]) }, stream.nowMs()))
      time += 1024
    }
    const dts = frame * 3000
    stream.events.push(
      ...stream.segmenter.video(
        { dts, pts: dts, duration: 3000, keyFrame: frame === 0, data: Buffer.from([1]) },
        3000,
        stream.nowMs(),
      ),
    )
  }
  const times = stream.parts().flatMap((part) => part.audio.map((sample) => sample.time))
  assert.deepEqual(
    times,
    times.map((_, index) => index * 1024),
  )
  for (const part of stream.parts()) {
    assert.ok(part.audio.every((sample) => sample.time / 48_000 < (part.startTicks + part.durationTicks) / 90_000))
  }
})

test('without the encoder the open part is stretched, then the last key frame repeats with silence, on one timeline', () => {
  const stream = feed()
  stream.frames(37, 60)
  for (let index = 0; index < 6; index += 1) stream.events.push(...stream.segmenter.slate(stream.nowMs()))
  const parts = stream.parts()
  assert.deepEqual(
    parts.map((part) => part.kind),
    ['media', 'media', 'media', 'slate', 'slate', 'slate', 'slate', 'slate'],
  )
  for (const [index, part] of parts.entries()) {
    const previous = parts[index - 1]
    if (previous) assert.equal(part.startTicks, previous.startTicks + previous.durationTicks)
    if (part.kind === 'slate')
      assert.deepEqual([part.independent, part.video.length, part.video[0]?.keyFrame], [true, 1, true])
  }
  const silent = parts.slice(3).flatMap((part) => part.audio)
  assert.ok(silent.length >= 110 && silent.every((sample) => sample.data === audio?.silence))
})

test('a returning encoder starts a new segment with a discontinuity; sequence numbers and dates only grow', () => {
  const stream = feed()
  stream.frames(40, 60)
  stream.events.push(...stream.segmenter.slate(stream.nowMs()))
  const nowMs = stream.nowMs() + 4000
  stream.events.push(
    ...stream.segmenter.closeEpoch(nowMs - 1000),
    ...stream.segmenter.beginEpoch({ tracks: { video, audio }, frameTicks: 3000, nowMs: nowMs - 1000 }),
  )
  const dts = stream.segmenter.endTicks
  for (let index = 0; index < 30; index += 1) {
    const at = dts + index * 3000
    stream.events.push(
      ...stream.segmenter.video(
        { dts: at, pts: at, duration: 3000, keyFrame: index === 0, data: Buffer.from([1]) },
        3000,
        nowMs + index * 33,
      ),
    )
  }
  const starts = stream.events.filter((event) => event.type === 'segment-start')
  assert.deepEqual(
    starts.map((event) => [event.mediaSequenceNumber, event.discontinuity, event.discontinuitySequence]),
    [
      [100, false, 5],
      [101, true, 6],
    ],
  )
  assert.ok((starts[1]?.programDateTimeMs ?? 0) - (starts[0]?.programDateTimeMs ?? 0) > 4000)
})

test('the part that was hinted at comes even if the encoder returns first: a short slate ends the segment', () => {
  const stream = feed()
  stream.frames(30, 60)
  const slateMs = stream.nowMs()
  stream.events.push(...stream.segmenter.slate(slateMs))
  const nowMs = slateMs + 200
  stream.events.push(...stream.segmenter.closeEpoch(nowMs))
  stream.events.push(...stream.segmenter.tick(nowMs + 100))
  const last = stream.parts().at(-1)
  assert.deepEqual([last?.kind, last?.mediaSequenceNumber, last?.partIndex], ['slate', 100, 3])
  assert.ok(last && seconds(last) > 0.15 && seconds(last) < 0.3)
  assert.equal(stream.events.at(-1)?.type, 'segment-end')
})

test('an encoder that returns between two segments leaves no hole in time: a segment of slate comes first', () => {
  const stream = feed()
  stream.frames(60, 60)
  const before = stream.parts().at(-1)
  stream.events.push(...stream.segmenter.closeEpoch(stream.nowMs() + 400))
  const slate = stream.parts().at(-1)
  assert.equal(stream.events.at(-1)?.type, 'segment-end')
  assert.deepEqual([slate?.kind, slate?.mediaSequenceNumber], ['slate', (before?.mediaSequenceNumber ?? 0) + 1])
  assert.ok(slate !== undefined && Math.abs(seconds(slate) - 0.4) < 0.05, `${slate && seconds(slate)} s`)
})

test('a burst at the start dates the stream by its end: dates never lie in the future', () => {
  const segmenter = new Segmenter({
    latency: 'Low',
    targetDurationSeconds: 2,
    firstNumbers: () => ({ mediaSequenceNumber: 0, discontinuitySequence: 0, lostSegments: 0 }),
  })
  const nowMs = Date.UTC(2026, 0, 1)
  const events = segmenter.beginEpoch({ tracks: { video }, frameTicks: 3000, nowMs })
  for (let index = 0; index < 45; index += 1) {
    const dts = index * 3000
    events.push(
      ...segmenter.video(
        { dts, pts: dts, duration: 3000, keyFrame: index === 0, data: Buffer.from([1]) },
        3000,
        nowMs + 5,
      ),
    )
  }
  assert.equal(events.length, 0, 'held until the burst is in')
  const released = segmenter.tick(nowMs + 60)
  const start = released.find((event) => event.type === 'segment-start')
  assert.equal(released.filter((event) => event.type === 'part').length, 3)
  assert.ok(start && Math.abs(start.programDateTimeMs - (nowMs + 5 - 44 * (100 / 3))) <= 1)
})

test('audio alone makes parts of whole access units', () => {
  const stream = feed({ tracks: { audio } })
  for (let index = 0; index < 120; index += 1) {
    stream.events.push(
      ...stream.segmenter.audio({ time: index * 1024, duration: 1024, data: Buffer.from([1]) }, stream.nowMs()),
    )
  }
  assert.equal(stream.parts()[0]?.audio.length, 23)
  assert.ok(stream.parts().every((part) => part.independent && seconds(part) <= 0.502))
})

test('what a predecessor published is listed as gaps that lead up to the first segment', () => {
  const segmenter = new Segmenter({
    latency: 'Low',
    targetDurationSeconds: 2,
    firstNumbers: () => ({ mediaSequenceNumber: 50, discontinuitySequence: 9, lostSegments: 3 }),
  })
  const nowMs = Date.UTC(2026, 0, 1)
  const events = segmenter.beginEpoch({ tracks: { video }, frameTicks: 3000, nowMs: nowMs - 1000 })
  for (let index = 0; index < 15; index += 1) {
    const dts = index * 3000
    events.push(
      ...segmenter.video(
        { dts, pts: dts, duration: 3000, keyFrame: index === 0, data: Buffer.from([1]) },
        3000,
        nowMs + index * 33,
      ),
    )
  }
  const starts = events.filter((event) => event.type === 'segment-start')
  assert.deepEqual(
    starts.map((event) => [event.mediaSequenceNumber, event.discontinuity, event.discontinuitySequence]),
    [
      [47, false, 9],
      [48, false, 9],
      [49, false, 9],
      [50, true, 10],
    ],
  )
  const dates = starts.map((event) => event.programDateTimeMs)
  assert.deepEqual(
    dates.map((date) => date - (dates[3] ?? 0)),
    [-6000, -4000, -2000, 0],
  )
  const gaps = events.flatMap((event) =>
    event.type === 'part' && event.part.kind === 'gap' ? [seconds(event.part)] : [],
  )
  assert.deepEqual(gaps, Array(12).fill(0.5))
})

test('end() publishes what is open and takes nothing afterwards', () => {
  const stream = feed()
  stream.frames(20, 60)
  const events = stream.segmenter.end()
  assert.deepEqual(
    events.map((event) => event.type),
    ['part', 'segment-end', 'end'],
  )
  assert.deepEqual(stream.segmenter.slate(stream.nowMs()), [])
})
