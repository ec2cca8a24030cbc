import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentFromMs, waitsUntilMs } from './silence.ts'

const seen = { nowMs: 2000, lateMs: 0, sent: false, lastPartMs: 1000, partMs: 500 }

test('an encoder is gone two parts after its last one', () => {
  assert.equal(silentFromMs(1000, 500), 2000)
  assert.equal(waitsUntilMs(seen), undefined)
})

test('one that sends is looked at again', () => {
  assert.equal(waitsUntilMs({ ...seen, sent: true }), 2100)
})

test('after a late timer it gets as long to catch up, a part at most', () => {
  assert.equal(waitsUntilMs({ ...seen, nowMs: 2200, lateMs: 200 }), 2400)
  assert.equal(waitsUntilMs({ ...seen, nowMs: 3000, lateMs: 1000 }), 3500)
  assert.equal(waitsUntilMs({ ...seen, nowMs: 2050, lateMs: 50 }), undefined)
})

test('four parts and the delay are the most it gets', () => {
  assert.equal(waitsUntilMs({ ...seen, nowMs: 3200, lateMs: 200 }), undefined)
})
