import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nominalRate } from './nominal-rate.ts'

test('rates come back from whole ticks as what they are called', () => {
  const called = [23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94, 60, 119.88, 120]
  assert.deepEqual(
    called.map((rate) => Number(nominalRate(Math.round(90_000 / rate)).toFixed(3))),
    called,
  )
})

test('a rate of its own stays as it was measured', () => {
  assert.equal(nominalRate(9000), 10)
  assert.equal(nominalRate(3100), 90_000 / 3100)
})
