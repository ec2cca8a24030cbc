import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countJump, mayJump, playbackRate, stallMarginSeconds, type Jumps } from './chase-live.ts'

const low = { behindSeconds: 1.5, targetSeconds: 1.5, aheadSeconds: 1.2, partSeconds: 0.5 }
const ultra = { behindSeconds: 0.6, targetSeconds: 0.6, aheadSeconds: 0.4, partSeconds: 0.2 }

test('at the right distance it plays at its own speed', () => {
  assert.equal(playbackRate(low), 1)
  assert.equal(playbackRate({ ...low, behindSeconds: 1.54 }), 1)
  assert.equal(playbackRate({ ...low, behindSeconds: 1 }), 1)
})

test('further back it plays faster, by 20 % at most', () => {
  assert.equal(playbackRate({ ...low, behindSeconds: 2 }), 1.15)
  assert.equal(playbackRate({ ...low, behindSeconds: 9 }), 1.2)
})

test('with parts of 0.2 s it catches up from less than a second of buffer', () => {
  assert.equal(playbackRate({ ...ultra, behindSeconds: 0.9 }), 1.1)
})

test('with too little buffered it does not hurry into a stall', () => {
  assert.equal(playbackRate({ ...low, behindSeconds: 3, aheadSeconds: 0.7 }), 1)
  assert.equal(playbackRate({ ...ultra, behindSeconds: 3, aheadSeconds: 0.25 }), 1)
})

test('a stall adds a quarter second, a second at most, and is forgotten after two minutes', () => {
  assert.equal(stallMarginSeconds([], 0), 0)
  assert.equal(stallMarginSeconds([1_000], 2_000), 0.25)
  assert.equal(stallMarginSeconds([1, 2, 3, 4, 5, 6], 10), 1)
  assert.equal(stallMarginSeconds([1_000], 121_001), 0)
})

test('two seconds too far back it jumps, and each jump in a row waits twice as long', () => {
  const far = { ...low, behindSeconds: 6 }
  let jumps: Jumps = { lastAtMs: Number.NEGATIVE_INFINITY, inRow: 0 }
  assert.equal(mayJump({ ...low, behindSeconds: 3.4 }, jumps, 0), false)
  assert.equal(mayJump(far, jumps, 0), true)
  jumps = countJump(jumps, 0)
  assert.equal(mayJump(far, jumps, 15_999), false)
  assert.equal(mayJump(far, jumps, 16_000), true)
  jumps = countJump(jumps, 16_000)
  assert.equal(mayJump(far, jumps, 16_000 + 31_999), false)
  assert.equal(mayJump(far, jumps, 16_000 + 32_000), true)
})

test('a jump long after the last one begins anew', () => {
  assert.deepEqual(countJump({ lastAtMs: 0, inRow: 5 }, 300_000), { lastAtMs: 300_000, inRow: 1 })
})
