import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EpochTimestamps } from './timestamps.ts'

const ms = (ticks: number) => ticks / 90

test('time goes on when the 32-bit timestamp wraps', () => {
  const start = 2 ** 32 - 50
  const epoch = new EpochTimestamps(start, 0)
  const placed = [0, 33, 67, 100].map((offset) => ms(epoch.ticks('video', (start + offset) >>> 0)))
  assert.deepEqual(placed, [0, 33, 67, 100])
})

test("a jump of the encoder's clock, forward or back, is closed with the last step", () => {
  for (const jump of [5_000_000, -20_000]) {
    const epoch = new EpochTimestamps(100_000, 0)
    epoch.ticks('video', 100_000)
    epoch.ticks('video', 100_033)
    assert.equal(ms(epoch.ticks('video', (100_066 + jump) >>> 0)), 66)
    assert.equal(ms(epoch.ticks('video', (100_099 + jump) >>> 0)), 99)
  }
})

test('audio follows the picture over a jump with the same offset, so lips stay in time', () => {
  const epoch = new EpochTimestamps(0, 0)
  epoch.ticks('video', 0)
  epoch.ticks('audio', 5)
  epoch.ticks('video', 40)
  const video = ms(epoch.ticks('video', 1_000_080))
  const audio = ms(epoch.ticks('audio', 1_000_085))
  assert.equal(audio - video, 5)
})
