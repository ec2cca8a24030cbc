import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CutEvent } from './cut-event.ts'
import { ProgramClock } from './program-clock.ts'

const startAt = (programDateTimeMs: number): CutEvent => ({
  type: 'segment-start',
  mediaSequenceNumber: 0,
  discontinuity: false,
  discontinuitySequence: 0,
  programDateTimeMs,
  epoch: 0,
})

const dates = (events: CutEvent[]) =>
  events.flatMap((event) => (event.type === 'segment-start' ? [event.programDateTimeMs] : []))

test('an epoch holds its events back until its burst is in, and dates them by its latest sample', () => {
  const clock = new ProgramClock()
  clock.beginEpoch(10_000)
  clock.arrived(0, 10_000)
  assert.deepEqual(clock.release([startAt(0)], 10_000), [])
  clock.arrived(90_000, 10_010) // one second of pictures in 10 ms: they were recorded before
  assert.deepEqual(clock.release([], 10_049), [])
  assert.deepEqual(dates(clock.release([], 10_050)), [9010])
})

test('the next epoch never moves the timeline back on the wall clock', () => {
  const clock = new ProgramClock()
  clock.beginEpoch(10_000)
  clock.arrived(0, 10_000)
  assert.deepEqual(dates(clock.release([startAt(0)], 10_060)), [10_000])
  clock.beginEpoch(11_000)
  clock.arrived(5 * 90_000, 11_000)
  assert.deepEqual(dates(clock.release([startAt(5000)], 11_060)), [15_000])
})

test('samples after the first part leave the dates as they are', () => {
  const clock = new ProgramClock()
  clock.beginEpoch(10_000)
  clock.arrived(0, 10_000)
  clock.release([startAt(0)], 10_060)
  clock.arrived(90_000, 10_500)
  assert.deepEqual(dates(clock.release([startAt(2000)], 12_000)), [12_000])
})

test('a wall clock that is set back holds no part for longer than a burst takes', () => {
  const clock = new ProgramClock()
  clock.beginEpoch(3_600_000)
  clock.arrived(0, 3_600_000)
  assert.deepEqual(clock.release([startAt(0)], 3_600_010), [])
  assert.deepEqual(clock.release([], 20), [], 'an hour back')
  clock.arrived(4500, 69)
  assert.deepEqual(dates(clock.release([], 70)), [19])
})
