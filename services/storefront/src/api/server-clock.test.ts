import assert from 'node:assert/strict'
import { test } from 'node:test'
import { narrow, offsetMs, unknownClock } from './server-clock.ts'

const at = (time: string) => Date.parse(time)
const header = (milliseconds: number) => new Date(Math.floor(milliseconds / 1_000) * 1_000).toUTCString()

test('a device with the right time is not corrected', () => {
  const sentAt = at('2026-01-01T00:00:00.400Z')
  const bounds = narrow(unknownClock, { date: header(sentAt + 20), sentAt, receivedAt: sentAt + 40 })
  assert.equal(offsetMs(bounds), 0)
})

test('answers at different parts of a second bound the offset to about a round trip', () => {
  const trueOffset = 90_000 + 330
  let bounds = unknownClock
  for (let step = 0; step < 40; step++) {
    const sentAt = at('2026-01-01T00:00:00Z') + step * 1_037
    bounds = narrow(bounds, { date: header(sentAt + 15 + trueOffset), sentAt, receivedAt: sentAt + 30 })
  }
  assert.ok(Math.abs(offsetMs(bounds) - trueOffset) < 60, `${offsetMs(bounds)} is not near ${trueOffset}`)
})

test('a clock that was set starts the estimate anew', () => {
  const sentAt = at('2026-01-01T00:00:00Z')
  const before = narrow(unknownClock, { date: header(sentAt), sentAt, receivedAt: sentAt })
  const after = narrow(before, { date: header(sentAt + 3_600_000), sentAt, receivedAt: sentAt })
  assert.ok(offsetMs(after) >= 3_600_000)
})

test('an answer without a readable date changes nothing', () => {
  assert.equal(narrow(unknownClock, { date: null, sentAt: 0, receivedAt: 1 }), unknownClock)
  assert.equal(narrow(unknownClock, { date: 'soon', sentAt: 0, receivedAt: 1 }), unknownClock)
})
