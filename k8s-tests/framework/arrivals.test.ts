import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestGapMs } from './arrivals.ts'

test('the longest gap counts from the last arrival before the time asked about until its end', () => {
  const arrivals = [100, 200, 900, 1_000]
  assert.equal(longestGapMs(arrivals, 150, 950), 700) // 200 to 900
  assert.equal(longestGapMs(arrivals, 250, 950), 700) // it began before
  assert.equal(longestGapMs(arrivals, 950, 2_500), 1_500) // and nothing came since
  assert.equal(longestGapMs([], 0, 400), 400)
})
