import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Silence } from './silence.ts'

const seen = { lastPartMs: 1000, lastMediaMs: 1400, partMs: 500 }
const onTime = { nowMs: 2000, lateMs: 0 }

test('an encoder is silent two parts after its last one, if nothing came for one', () => {
  assert.equal(new Silence().dueMs(seen, 1500), 2000)
  assert.equal(new Silence().waitsUntilMs(seen, onTime), undefined)
})

test('one that sends is not, whether or not it makes a part', () => {
  assert.equal(new Silence().waitsUntilMs({ ...seen, lastMediaMs: 1900 }, onTime), 2400)
})

test('after a late timer it gets as long to catch up, a part at most', () => {
  const silence = new Silence()
  assert.equal(silence.waitsUntilMs(seen, { nowMs: 2200, lateMs: 200 }), 2400)
  assert.equal(silence.waitsUntilMs(seen, { nowMs: 3000, lateMs: 1000 }), 3500)
  assert.equal(silence.waitsUntilMs(seen, { nowMs: 2050, lateMs: 50 }), undefined)
})

test('four parts and the delay are the most it gets', () => {
  assert.equal(new Silence().waitsUntilMs(seen, { nowMs: 3200, lateMs: 200 }), undefined)
})

test('whoever sends in bursts is known by the second pause, and forgotten after ten seconds', () => {
  const silence = new Silence()
  const burst = { lastPartMs: 10_000, lastMediaMs: 10_000, partMs: 200 }
  silence.wasPause(1000, 9000)
  assert.equal(silence.dueMs(burst, 10_000), 10_400, 'once is a stall')
  silence.wasPause(1000, 10_000)
  assert.equal(silence.dueMs(burst, 10_000), 11_200)
  assert.equal(silence.dueMs(burst, 19_500), 10_400)
})
