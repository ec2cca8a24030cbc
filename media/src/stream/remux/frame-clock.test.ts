import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameClock } from './frame-clock.ts'

/** Milliseconds as RTMP carries them, in ticks. */
const stamped = (rate: number, count: number) =>
  Array.from({ length: count }, (_, index) => Math.round((index * 1000) / rate) * 90)

test('timestamps rounded to milliseconds come back onto the grid of the announced rate', () => {
  for (const rate of [24, 25, 30, 50, 60]) {
    const clock = new FrameClock(rate)
    const placed = stamped(rate, 600).map((ticks) => clock.place(ticks))
    const frame = Math.round(90_000 / rate)
    assert.ok(
      placed.every((dts, index) => dts === index * frame),
      `${rate} fps`,
    )
  }
})

test("29.97 fps never strays from the encoder's time by more than its rounding", () => {
  const clock = new FrameClock(29.97)
  for (const ticks of stamped(29.97, 3000)) assert.ok(Math.abs(clock.place(ticks) - ticks) <= 180)
})

test('an unannounced or wrongly announced rate is measured', () => {
  for (const announced of [undefined, 60, 15]) {
    const clock = new FrameClock(announced)
    for (const ticks of stamped(30, 20)) clock.place(ticks)
    assert.equal(clock.frameTicks, 3000)
  }
})

test('decode time always grows, also when the encoder stamps two frames alike', () => {
  const clock = new FrameClock()
  const placed = [0, 3000, 3000, 2900, 6000].map((ticks) => clock.place(ticks))
  assert.ok(placed.every((dts, index) => index === 0 || dts > (placed[index - 1] ?? 0)))
})

test('rates of a fraction stay on their grid for hours, and are not taken for others', () => {
  for (const rate of [23.976, 29.97, 59.94]) {
    const exact = (Math.round(rate) * 1000) / 1001
    const clock = new FrameClock(rate)
    for (const [index, ticks] of stamped(exact, 600_000).entries()) {
      const dts = clock.place(ticks)
      if (Math.abs(dts - (index * 90_000) / exact) > 0.51) assert.fail(`picture ${index} of ${rate} fps at ${dts}`)
    }
    assert.equal(clock.frameTicks, Math.round(90_000 / exact))
  }
})

test('an announced rate of a slide show is measured before it is believed', () => {
  assert.equal(new FrameClock(1).frameTicks, undefined)
  const clock = new FrameClock(2)
  for (const ticks of stamped(2, 8)) clock.place(ticks)
  assert.equal(clock.frameTicks, 45_000)
})
