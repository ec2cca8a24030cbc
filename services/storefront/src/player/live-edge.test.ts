import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBehindLive, latencyOf, nativeProgrammeTimeMs } from './live-edge.ts'

const sample = { programmeTimeMs: 10_000, estimatedLatencySeconds: 2.5, targetLatencySeconds: 1.5, nowMs: 11_600 }

test('latency is measured by programme date', () => {
  assert.equal(latencyOf(sample), 1.6)
})

test('a programme date from the future or from hours ago is not believed', () => {
  assert.equal(latencyOf({ ...sample, nowMs: 9_000 }), 2.5)
  assert.equal(latencyOf({ ...sample, nowMs: 10_000 + 7_200_000 }), 2.5)
  assert.equal(latencyOf({ ...sample, programmeTimeMs: undefined }), 2.5)
})

test('before the first picture there is no latency', () => {
  assert.equal(latencyOf({ ...sample, programmeTimeMs: undefined, estimatedLatencySeconds: 0 }), undefined)
})

test('Safari’s start date dates the picture; without one, or with an invalid one, it has no date', () => {
  assert.equal(nativeProgrammeTimeMs({ currentTime: 2.5, getStartDate: () => new Date(10_000) }), 12_500)
  assert.equal(nativeProgrammeTimeMs({ currentTime: 2.5, getStartDate: () => new Date(Number.NaN) }), undefined)
  assert.equal(nativeProgrammeTimeMs({ currentTime: 2.5 }), undefined)
})

test('the way back is offered three seconds behind the target, not for a hiccup', () => {
  assert.equal(isBehindLive(3, 1.5), false)
  assert.equal(isBehindLive(5, 1.5), true)
  assert.equal(isBehindLive(undefined, 1.5), false)
})
