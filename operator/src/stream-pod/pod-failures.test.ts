import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PodFailures } from './pod-failures.ts'

const failure = { reason: 'PodFailing', message: 'exit code 1' }
const refusal = { reason: 'QuotaExceeded', message: 'exceeded quota', refused: true }
const at = (seconds: number) => new Date(1_000_000 + seconds * 1_000)
const waits = (failures: PodFailures, seconds: number) =>
  Math.max(0, (failures.lately('b', 'hash', at(seconds))?.notBeforeMs ?? 0) - at(seconds).getTime())

test('the first Pod that fails is replaced at once, the next ones after 1 s, 2 s … 60 s', () => {
  const failures = new PodFailures()
  const seen = Array.from({ length: 9 }, () => {
    failures.failed('b', 'hash', failure, at(0))
    return waits(failures, 0)
  })
  assert.deepEqual(seen, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
})

test('a refusal is waited out from the first on: fewer than ten tries in a minute', () => {
  const failures = new PodFailures()
  let tries = 0
  for (let second = 0; second < 60; second += 0.1) {
    if (waits(failures, second) > 0) continue
    failures.failed('b', 'hash', refusal, at(second))
    tries += 1
  }
  assert.ok(tries <= 7, `${tries} tries`)
})

test('another template is tried at once, and time heals', () => {
  const failures = new PodFailures()
  failures.failed('b', 'hash', refusal, at(0))
  assert.equal(failures.lately('b', 'another', at(0)), undefined)
  assert.equal(failures.lately('b', 'hash', at(151)), undefined)
})
