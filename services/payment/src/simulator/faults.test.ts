import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedFault, drawFault, faultsShape, latencyOf } from './faults.ts'

test('each fault is drawn as often as its share says, and one verb may have shares of its own', () => {
  const faults = faultsShape.parse({ timeoutAfter: 0.1, cut: 0.2, byVerb: { refund: { timeoutAfter: 0.5, cut: 0 } } })
  const at = (drawn: number) => [drawFault(faults, 'approve', () => drawn), drawFault(faults, 'refund', () => drawn)]
  assert.deepEqual(at(0.09), ['timeoutAfter', 'timeoutAfter'])
  assert.deepEqual(at(0.29), ['cut', 'timeoutAfter'])
  assert.deepEqual(at(0.51), ['none', 'none'])
})

test('a header asks for a fault by its name, and for no other thing', () => {
  assert.equal(askedFault('serverErrorAfter'), 'serverErrorAfter')
  assert.equal(askedFault('toString'), undefined)
})

test('latency is log-normal: half of the answers take longer than the median, and some much longer', () => {
  const faults = faultsShape.parse({ medianMs: 1_000, sigma: 0.5 })
  const drawn = Array.from({ length: 4_000 }, () => latencyOf(faults)).toSorted((a, b) => a - b)
  const quantile = (q: number) => drawn[Math.floor(q * drawn.length)] ?? 0
  assert.ok(quantile(0.5) > 900 && quantile(0.5) < 1_100, `median ${quantile(0.5)}`)
  assert.ok(quantile(0.99) > 2_500 && quantile(0.99) < 4_500, `p99 ${quantile(0.99)}`)
})
