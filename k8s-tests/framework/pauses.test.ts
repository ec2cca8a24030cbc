import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseProblems } from './pauses.ts'

test('a stall beyond the limit is told with the longest pause of the encoder, which excuses none of it', () => {
  assert.deepEqual(pauseProblems({ stallMs: 2_000, encoderPauseMs: 100 }, 2_000), [])
  assert.deepEqual(pauseProblems({ stallMs: 2_001, encoderPauseMs: 1_900 }, 2_000), [
    'HLS stalled for 2001 ms, the encoder for 1900 ms at most',
  ])
})
