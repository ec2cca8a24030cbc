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

test('a pause of one track is none of its clock: sound and picture are where they were to each other', () => {
  for (const [pausing, other] of [
    ['audio', 'video'],
    ['video', 'audio'],
  ] as const) {
    const epoch = new EpochTimestamps(0, 0)
    for (const atMs of [0, 40, 80]) {
      epoch.ticks('video', atMs)
      epoch.ticks('audio', atMs + 5)
    }
    for (let atMs = 120; atMs <= 3000; atMs += 40) assert.equal(ms(epoch.ticks(other, atMs)), atMs)
    assert.equal(ms(epoch.ticks(pausing, 3010)), 3010)
    assert.equal(ms(epoch.ticks(other, 3040)), 3040)
  }
})

test('a pause of both tracks is closed, whichever comes back first', () => {
  for (const [first, second] of [
    ['audio', 'video'],
    ['video', 'audio'],
  ] as const) {
    const epoch = new EpochTimestamps(0, 0)
    for (const track of [first, second]) for (const atMs of [0, 40]) epoch.ticks(track, atMs)
    assert.equal(ms(epoch.ticks(first, 5080)), 80)
    assert.equal(ms(epoch.ticks(second, 5090)), 90)
  }
})

test('a looped playout starts over with every loop: time goes on, and lips stay in time', () => {
  for (const loopMs of [400, 800, 1200, 60_000]) {
    const epoch = new EpochTimestamps(0, 0)
    let last = -1
    for (let loop = 0; loop < 5; loop += 1) {
      for (let atMs = 0; atMs < loopMs; atMs += 40) {
        const video = ms(epoch.ticks('video', atMs))
        const audio = ms(epoch.ticks('audio', atMs + 10))
        assert.ok(video > last && video - last <= 40, `${loopMs} ms, loop ${loop}: ${last}, then ${video}`)
        assert.equal(audio - video, 10)
        last = video
      }
    }
  }
})

test('a step back of half a second is a jump of both, also when the sound takes it first', () => {
  const epoch = new EpochTimestamps(10_000, 0)
  for (const atMs of [10_000, 10_040]) {
    epoch.ticks('video', atMs)
    epoch.ticks('audio', atMs + 10)
  }
  epoch.ticks('audio', 9590) // sound that overlaps is dropped
  assert.equal(ms(epoch.ticks('video', 9580)), 80)
  assert.equal(ms(epoch.ticks('audio', 9630)), 130)
  assert.equal(ms(epoch.ticks('video', 9620)), 120)
})

test('one timestamp gone astray moves nothing for good', () => {
  const epoch = new EpochTimestamps(0, 0)
  for (const atMs of [0, 40]) {
    epoch.ticks('video', atMs)
    epoch.ticks('audio', atMs + 10)
  }
  assert.equal(ms(epoch.ticks('video', 500_000)), 80)
  assert.equal(ms(epoch.ticks('audio', 90)), 90)
  assert.equal(ms(epoch.ticks('video', 120)), 120)
  assert.equal(ms(epoch.ticks('audio', 130)), 130)
})
