import assert from 'node:assert/strict'
import { test } from 'node:test'
import { avcRecords } from '../testing/flv-messages.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import type { CutEvent, CutPart } from '../hls/cut-event.ts'
import { RungPackager, type EncodedFrame, type RungEvent } from './rung-packager.ts'

const config = parseAvcConfig(avcRecords.sd25)
const otherConfig = parseAvcConfig(avcRecords.hd30)

function frame(index: number, of = config): EncodedFrame {
  assert.ok(of)
  return { ticks: index * 3000, keyFrame: index % 60 === 0, data: Buffer.from([index]), config: of }
}

function part(index: number, kind: CutPart['kind'] = 'media'): CutEvent {
  const startTicks = index * 45_000
  const video = Array.from({ length: 15 }, (_, at) => ({
    dts: startTicks + at * 3000,
    pts: 0,
    duration: 3000,
    keyFrame: at === 0,
    data: Buffer.alloc(1),
  }))
  return {
    type: 'part',
    part: {
      kind,
      mediaSequenceNumber: 5,
      partIndex: index,
      epoch: 0,
      startTicks,
      durationTicks: 45_000,
      presentationTicks: startTicks,
      independent: index === 0,
      video,
      audio: [],
    },
  }
}

const start: CutEvent & { type: 'segment-start' } = {
  type: 'segment-start',
  mediaSequenceNumber: 5,
  discontinuity: false,
  discontinuitySequence: 0,
  programDateTimeMs: 0,
  epoch: 0,
}
const end = (mediaSequenceNumber: number): CutEvent => ({ type: 'segment-end', mediaSequenceNumber })
const epoch: CutEvent = { type: 'epoch', epoch: 0, tracks: {}, frameTicks: 3000 }
const types = (events: RungEvent[]) => events.map((event) => event.type)

function packager(): RungPackager {
  const rung = new RungPackager({ deadlineMs: 1000 })
  rung.cut([epoch, start, part(0)], 0)
  return rung
}

test("a part is published with its last picture, not with the next part's first", () => {
  const rung = packager()
  for (let index = 0; index < 14; index += 1) assert.deepEqual(rung.frame(frame(index), 10), [])
  const events = rung.frame(frame(14), 20)
  assert.deepEqual(types(events), ['segment-start', 'part'])
  const [, published] = events
  assert.ok(published?.type === 'part' && published.independent)
  assert.deepEqual(
    published.video?.map((sample) => sample.duration),
    Array(15).fill(3000),
  )
})

test('pictures that do not come in time freeze the rung on its last key frame', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  assert.deepEqual(rung.cut([part(1)], 500), [])
  const [late] = rung.tick(1500)
  assert.ok(late?.type === 'part')
  assert.deepEqual(
    late.video?.map((sample) => [sample.dts, sample.duration, sample.keyFrame]),
    [[45_000, 45_000, true]],
  )
})

test('whose process did not run for a while, and has the pictures still to read, gives none of them up', () => {
  const rung = packager()
  assert.deepEqual(rung.cut([part(1)], 3000), [])
  const published = Array.from({ length: 30 }, (_, index) => rung.frame(frame(index), 3010)).flat()
  assert.deepEqual(
    published.map((event) => (event.type === 'part' ? event.video?.length : event.type)),
    ['segment-start', 15, 15],
  )
})

test('a shed rung publishes gaps at once', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  rung.shed = true
  const [gap] = rung.cut([part(1)], 500)
  assert.ok(gap?.type === 'part')
  assert.equal(gap.video, undefined)
})

test('a rung that starts late joins at a segment with a key frame', () => {
  const rung = packager()
  assert.deepEqual(rung.tick(5000), [], 'nothing to show yet')
  rung.cut([end(5), { ...start, mediaSequenceNumber: 6 }, part(4)], 5000)
  for (let index = 60; index < 74; index += 1) rung.frame(frame(index), 5100)
  assert.deepEqual(types(rung.frame(frame(74), 5100)), ['segment-start', 'part'])
})

test("a slate part repeats the rung's own key frame", () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  const [slate] = rung.cut([part(1, 'slate')], 20)
  assert.ok(slate?.type === 'part')
  assert.deepEqual(
    slate.video?.map((sample) => sample.data),
    [Buffer.from([0])],
  )
})

test('an encoder that has just started may take longer, until it has caught up once', () => {
  const rung = new RungPackager({ deadlineMs: 1000, startDeadlineMs: 4000 })
  rung.cut([epoch, start, part(0), part(1)], 0)
  assert.deepEqual(rung.tick(3900), [])
  const published: RungEvent[] = []
  for (let index = 0; index < 30; index += 1) published.push(...rung.frame(frame(index), 3950))
  assert.deepEqual(types(published), ['segment-start', 'part', 'part'])
  rung.cut([part(2)], 4000)
  const third: RungEvent[] = []
  for (let index = 30; index < 45; index += 1) third.push(...rung.frame(frame(index), 4100))
  assert.deepEqual(types(third), ['part'])
  rung.cut([part(3)], 4500)
  assert.deepEqual(types(rung.tick(5500)), ['part'], 'it waits no longer than others now')
})

/** A rung that has published a segment, and is now given another source; its second segment is to begin with picture 60. */
function packagerOfNewSource(): RungPackager {
  const rung = new RungPackager({ deadlineMs: 1000, startDeadlineMs: 4000 })
  rung.cut([epoch, start, part(0)], 0)
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  rung.cut([end(5)], 2000)
  rung.restart()
  assert.deepEqual(rung.cut([epoch, { ...start, mediaSequenceNumber: 6 }, part(4)], 2000), [])
  return rung
}

test('what waits for an encoder that is replaced for another source waits no longer', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  rung.cut([part(1), end(5)], 20)
  assert.deepEqual(types(rung.restart()), ['part', 'segment-end'])
  assert.equal(rung.deadline, undefined)
})

test("another source's first segment has its own pictures and nothing of the old, for the encoder may start late again", () => {
  const rung = packagerOfNewSource()
  assert.deepEqual(rung.tick(5900), [])
  for (let index = 60; index < 74; index += 1) rung.frame(frame(index, otherConfig), 5950)
  const [begins, published] = rung.frame(frame(74, otherConfig), 5950)
  assert.ok(begins?.type === 'segment-start' && published?.type === 'part')
  assert.equal(begins.tracks.video, otherConfig)
  assert.deepEqual(
    published.video?.map(({ data }) => data[0]),
    Array.from({ length: 15 }, (_, index) => 60 + index),
  )
})

test('pictures that come too late for the init segment of their segment are a gap there, and play from the next on', () => {
  const rung = packagerOfNewSource()
  const published: RungEvent[] = [...rung.tick(6000)]
  for (let index = 60; index < 90; index += 1) published.push(...rung.frame(frame(index, otherConfig), 6100))
  published.push(...rung.cut([part(5), end(6), { ...start, mediaSequenceNumber: 7 }, part(8)], 6200))
  for (let index = 90; index < 135; index += 1) published.push(...rung.frame(frame(index, otherConfig), 6300))
  assert.deepEqual(
    published.map((event) => {
      if (event.type === 'segment-start') return event.tracks.video
      return event.type === 'part' ? event.video?.length : event.type
    }),
    [config, undefined, undefined, 'segment-end', otherConfig, 15],
  )
})

test('a rung that comes back after it was shed shows nothing from before', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 100)
  rung.shed = true
  rung.cut([part(1)], 1500)
  assert.deepEqual(rung.restart(), [])
  rung.cut([part(2)], 2000)
  const [late] = rung.tick(3000)
  assert.ok(late?.type === 'part' && late.video === undefined, 'a gap, and not the picture of long ago')
})

test('a rung that has only lost segments ends as every other does', () => {
  const rung = new RungPackager({ deadlineMs: 1000 })
  const events = rung.cut([start, part(0, 'gap'), end(5), { type: 'end' }], 0)
  assert.deepEqual(types(events), ['segment-start', 'part', 'segment-end', 'end'])
})

test('a rung whose first picture is late leaves out the whole segment, and not only its first parts', () => {
  const rung = packager()
  assert.deepEqual(rung.tick(1500), [])
  rung.cut([part(1)], 1500)
  const late = { ...frame(15), keyFrame: true }
  const published = [...rung.frame(late, 1600)]
  for (let index = 16; index < 30; index += 1) published.push(...rung.frame(frame(index), 1600))
  assert.deepEqual(published, [])
  assert.deepEqual(rung.cut([end(5)], 1700), [])
})

test("a late rung that lists a predecessor's lost segments lists the one it misses as lost too: numbers have no holes", () => {
  const rung = new RungPackager({ deadlineMs: 1000 })
  rung.cut([start, part(0, 'gap'), end(5)], 0)
  rung.cut([epoch, { ...start, mediaSequenceNumber: 6 }, part(0), end(6)], 0)
  const missed = rung.tick(1000)
  assert.deepEqual(types(missed), ['segment-start', 'part', 'segment-end'])
  const [begins, gap] = missed
  assert.ok(begins?.type === 'segment-start' && gap?.type === 'part')
  assert.deepEqual([begins.tracks, gap.video], [{}, undefined])
})

test('behind a discontinuity inside a GOP the pictures since its key frame go first, in no time', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  rung.cut([end(5), { ...start, mediaSequenceNumber: 6, discontinuity: true }, part(1)], 500)
  const events = Array.from({ length: 15 }, (_, index) => rung.frame(frame(15 + index), 510)).flat()
  const published = events.find((event) => event.type === 'part')
  assert.ok(published?.type === 'part' && published.independent)
  const { video = [] } = published
  assert.deepEqual(
    video.map(({ data }) => data[0]),
    Array.from({ length: 30 }, (_, index) => index),
  )
  assert.deepEqual([video[0]?.dts, video[0]?.keyFrame, video[15]?.dts], [45_000, true, 45_015])
  assert.equal(
    video.reduce((sum, { duration }) => sum + duration, 0),
    45_000,
  )
})

test('where players may begin at a held picture, the pictures since the key frame go first in a rung, too', () => {
  const rung = packager()
  for (let index = 0; index < 15; index += 1) rung.frame(frame(index), 10)
  const held = part(1)
  assert.equal(held.type, 'part')
  rung.cut([end(5), { ...start, mediaSequenceNumber: 6 }, { ...held, part: { ...held.part, independent: true } }], 500)
  for (let index = 15; index < 29; index += 1) rung.frame(frame(index), 510)
  const published = rung.frame(frame(29), 520).find((event) => event.type === 'part')
  assert.ok(published?.independent)
  assert.equal(published.video?.length, 15 + 15)
  assert.ok(published.video?.[0]?.keyFrame)
})
