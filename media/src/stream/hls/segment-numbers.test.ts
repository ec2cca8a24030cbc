import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SegmentNumbers } from './segment-numbers.ts'

test('a discontinuity marks the next segment alone, and its sequence number stays raised', () => {
  const numbers = new SegmentNumbers()
  numbers.follow({ mediaSequenceNumber: 7, lostSegments: 0, discontinuitySequence: 2 })
  const told = () => {
    const { mediaSequenceNumber, discontinuity, discontinuitySequence } = numbers.next(0, 0)
    return [mediaSequenceNumber, discontinuity, discontinuitySequence]
  }
  assert.deepEqual(told(), [7, false, 2])
  numbers.discontinue()
  assert.deepEqual(told(), [8, true, 3])
  assert.deepEqual(told(), [9, false, 3])
})

test('the first segment after lost ones is behind a discontinuity', () => {
  const numbers = new SegmentNumbers()
  numbers.follow({ mediaSequenceNumber: 7, lostSegments: 3, discontinuitySequence: 2 })
  const start = numbers.next(0, 90_000)
  assert.deepEqual([start.discontinuity, start.discontinuitySequence, start.programDateTimeMs], [true, 3, 1000])
})
