import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countFault, noFaults, reloadPauseMs, retryAfterSecondsOf } from './reload-pause.ts'

const expectedNow = true

test('a missing playlist is asked for again soon when it is due, seldom before, and viewers do not ask in step', () => {
  assert.ok(reloadPauseMs({ attempt: 1, expectedNow, random: 1 }) < 1_300)
  assert.ok(reloadPauseMs({ attempt: 0, expectedNow: false, random: 0 }) >= 3_000)
  assert.ok(reloadPauseMs({ attempt: 50, expectedNow, random: 1 }) <= 7_200)
  const [one, other] = [0, 1].map((random) => reloadPauseMs({ attempt: 1, expectedNow, random }))
  assert.notEqual(one, other)
})

test('the first retry while live is spread over a second', () => {
  const pauses = [0, 0.25, 1].map((random) => reloadPauseMs({ attempt: 0, expectedNow, random }))
  assert.deepEqual(pauses, [0, 250, 1_000])
})

test('what the server asked for is waited, up to half as much longer, and thirty seconds at most', () => {
  const pause = (retryAfterSeconds: number, random: number) =>
    reloadPauseMs({ attempt: 0, expectedNow, random, retryAfterSeconds })
  assert.equal(pause(2, 0), 2_000)
  assert.equal(pause(2, 1), 3_000)
  assert.equal(pause(86_400, 0), 30_000)
})

test('Retry-After is read in seconds; a date or nothing is none', () => {
  const answer = (value?: string) =>
    new Response(null, { status: 503, headers: value === undefined ? {} : { 'retry-after': value } })
  assert.equal(retryAfterSecondsOf(answer('2')), 2)
  assert.equal(retryAfterSecondsOf(answer('Wed, 21 Oct 2026 07:28:00 GMT')), undefined)
  assert.equal(retryAfterSecondsOf(answer()), undefined)
  assert.equal(retryAfterSecondsOf(undefined), undefined)
})

test('faults are in a row until fifteen seconds passed without one, whatever was played in between', () => {
  const first = countFault(noFaults, 0)
  assert.equal(first.inRow, 1)
  const second = countFault(first, 4_000)
  assert.equal(second.inRow, 2)
  assert.equal(countFault(second, 18_900).inRow, 3)
  assert.equal(countFault(second, 19_100).inRow, 1)
})
