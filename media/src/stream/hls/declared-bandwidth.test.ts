import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredBps } from './declared-bandwidth.ts'

test('a rate that metadata announces stands with a tenth on top, as long as what comes is near it', () => {
  assert.equal(declaredBps(6_000_000, 0), 6_600_000)
  assert.equal(declaredBps(6_000_000, 4_000_000), 6_600_000)
  assert.equal(declaredBps(6_000_000, 8_000_000), 8_800_000)
})

test('a rate out of this world is cut: to four times what comes, and to what a network carries before', () => {
  assert.equal(declaredBps(1e300, 5_000_000), 22_000_000)
  assert.equal(declaredBps(Number.MAX_VALUE, 0), 220_000_000)
})

test('a stream of next to nothing is not declared as nothing, and fractions are rounded', () => {
  assert.equal(declaredBps(undefined, 0), 100_000)
  assert.equal(declaredBps(undefined, 1_000_000.3), 1_100_000)
})
