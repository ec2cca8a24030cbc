import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSetAside, nextAsk, setAside } from './patience.ts'

const begun = new Date('2026-11-29T00:00:00Z')

test('waits grow to a minute, after an hour to ten, and three days later nobody asks any more by himself', () => {
  let now = begun
  const waits: number[] = []
  for (let attempts = 0; ; attempts += 1) {
    const next = nextAsk({ since: attempts === 0 ? null : begun, attempts }, now)
    if (isSetAside({ next_attempt_at: next })) break
    waits.push((next.getTime() - now.getTime()) / 1_000)
    now = next
    assert.ok(waits.length < 1_000, 'it is asked for ever')
  }
  assert.deepEqual(waits.slice(0, 9), [0.5, 1, 2, 4, 8, 16, 32, 60, 60])
  assert.equal(waits.at(-1), 600)
  assert.equal(waits.length, 492)
  assert.equal((now.getTime() - begun.getTime()) / 3_600_000 >= 72, true)
})

test('what was set aside, hurried and asked about in vain once more is set aside again', () => {
  const later = new Date(begun.getTime() + 200 * 3_600_000)
  assert.equal(nextAsk({ since: begun, attempts: 900 }, later), setAside)
})

test('what has ended, or is due some day, is not set aside', () => {
  assert.equal(isSetAside({ next_attempt_at: null }), false)
  assert.equal(isSetAside({ next_attempt_at: new Date('2027-01-01') }), false)
})
