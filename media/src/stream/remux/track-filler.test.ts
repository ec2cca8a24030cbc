import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacRecords, avcRecords } from '../testing/flv-messages.ts'
import { parseAacConfig } from './aac.ts'
import { parseAvcConfig } from './avc.ts'
import { TrackFiller, type FilledSample } from './track-filler.ts'

const video = parseAvcConfig(avcRecords.hd30)
const audio = parseAacConfig(aacRecords.stereo48)
const frame = 3000

/** An IDR slice of picture parameter set 0, and a P slice: as much of them as is read. */
const slices = {
  key: Buffer.from('000000046588842f', 'hex'),
  frame: Buffer.from('00000006419a22112233', 'hex'),
}
const picture = (dts: number) => ({
  dts,
  pts: dts,
  duration: frame,
  keyFrame: dts === 0,
  data: dts === 0 ? slices.key : slices.frame,
})
const unit = (time: number) => ({ time, duration: 1024, data: Buffer.from('a unit of sound') })
const filler = (hasSound = true) => new TrackFiller({ tracks: { video, audio }, startTicks: 0, hasSound })

const times = (filled: readonly FilledSample[], type: 'video' | 'audio') =>
  filled.flatMap((event) =>
    event.type !== type ? [] : event.type === 'video' ? [event.sample.dts] : [event.sample.time],
  )

/** Both tracks for so many pictures. */
function run(fill: TrackFiller, pictures: number): FilledSample[] {
  const out: FilledSample[] = []
  let time = 0
  for (let index = 0; index < pictures; index += 1) {
    out.push(...fill.video(picture(index * frame), frame))
    for (; time * 90_000 < (index + 1) * frame * 48_000; time += 1024) out.push(...fill.audio(unit(time)))
  }
  return out
}

test('what is whole goes through as it is', () => {
  const out = run(filler(), 30)
  assert.deepEqual(
    times(out, 'video'),
    Array.from({ length: 30 }, (_, index) => index * frame),
  )
  assert.equal(times(out, 'audio').length, 47)
})

test('pictures are held by the sound; one that comes later than its place is still given on', () => {
  const fill = filler()
  run(fill, 30)
  const out: FilledSample[] = []
  for (let time = 47 * 1024; time < 96_000; time += 1024) out.push(...fill.audio(unit(time)))
  const held = times(out, 'video')
  assert.equal(held[0], 30 * frame)
  assert.ok(held.length > 20 && held.every((dts, index) => dts === (30 + index) * frame))
  const late = fill.video(picture(40 * frame), frame)
  assert.deepEqual(times(late, 'video'), [40 * frame])
})

test('what comes after nothing came goes behind what was held, sound and picture by the same', () => {
  const fill = filler()
  run(fill, 30)
  const held = fill.hold(120_000)
  assert.ok((times(held, 'video').at(-1) ?? 0) >= 117_000)
  const soundEnd = (times(held, 'audio').at(-1) ?? 0) + 1024
  assert.ok(soundEnd * 90_000 >= 120_000 * 48_000)
  const [sound] = times(fill.audio(unit(47 * 1024)), 'audio')
  assert.ok(sound !== undefined && sound >= soundEnd)
  const [shown] = times(fill.video(picture(30 * frame), frame), 'video').slice(-1)
  assert.ok(shown !== undefined && shown >= 120_000)
  assert.ok(Math.abs(shown / 90_000 - 1 - (sound / 48_000 - (47 * 1024) / 48_000)) < 0.001)
})

test('stalls in a row are bounded over another header for the sound, too', () => {
  const first = filler()
  const stall = (fill: TrackFiller, at: number, seconds: number) => {
    fill.hold(at + seconds * 90_000)
    fill.video(picture(at - first.shiftTicks), frame)
    return first.shiftTicks
  }
  run(first, 9000) // five minutes
  const shift = stall(first, 9000 * frame, 7)
  const startTicks = 9000 * frame + 7 * 90_000 + frame
  const next = new TrackFiller({ tracks: { video, audio }, startTicks, hasSound: true, late: first.late })
  next.video(picture(startTicks - shift), frame)
  stall(next, startTicks + frame, 7)
  assert.ok(first.shiftTicks > 8 * 90_000 && first.shiftTicks < 9.5 * 90_000, `${first.shiftTicks / 90_000} s`)
})

test('what was lost, not late, is not moved', () => {
  const fill = filler()
  run(fill, 30)
  fill.hold(120_000)
  assert.deepEqual(times(fill.video(picture(150_000), frame), 'video').slice(-1), [150_000])
  assert.equal(fill.shiftTicks, 0)
})

test('sound of which nothing comes for half a second of pictures is silence from then on, until some comes', () => {
  const fill = filler()
  fill.video(picture(0), frame)
  fill.audio(unit(0))
  const made: number[] = []
  for (let index = 1; index <= 30; index += 1)
    made.push(times(fill.video(picture(index * frame), frame), 'audio').length)
  assert.ok(made.slice(0, 15).every((count) => count === 0))
  assert.ok(made.slice(17).every((count) => count >= 1))
  assert.deepEqual(times(fill.audio(unit(10 * 1024)), 'audio'), [], 'its place is taken')
  assert.ok(times(fill.audio(unit(60 * 1024)), 'audio').includes(60 * 1024))
  assert.equal(times(fill.video(picture(31 * frame), frame), 'audio').length, 0)
})

test('a publisher that has no sound is silent from its first picture on', () => {
  assert.equal(times(filler(false).video(picture(0), frame), 'audio').length, 2)
})
