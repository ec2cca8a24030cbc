import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseProblems } from './pauses.ts'

test('a stall counts beyond the pause of the encoder, and that pause is no excuse when it is long', () => {
  assert.deepEqual(pauseProblems({ stallMs: 2_500, encoderPauseMs: 600 }, 2_000), [])
  assert.deepEqual(pauseProblems({ stallMs: 2_500, encoderPauseMs: 100 }, 2_000), [
    'HLS stalled for 2500 ms, the encoder for 100 ms',
  ])
  assert.deepEqual(pauseProblems({ stallMs: 3_200, encoderPauseMs: 2_500 }, 2_000), [
    'HLS stalled for 3200 ms, the encoder for 2500 ms',
  ])
})
