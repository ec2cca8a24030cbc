import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShedPolicy, type LadderView } from './shed-policy.ts'

/** Looks every 100 ms from `fromMs` on. @returns the first moment at which there was something to do, and what. */
function firstDecision(policy: ShedPolicy, view: LadderView, fromMs: number, untilMs: number) {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 100) {
    const decision = policy.look(view, nowMs)
    if (decision !== undefined) return { decision, nowMs }
  }
  return undefined
}

const lagging: LadderView = { lagging: true, idleCores: 0, running: 2, shed: 0 }
const calm: LadderView = { lagging: false, idleCores: 1.2, running: 1, shed: 1 }

test('a rung is shed after six seconds of lag, and none while nothing lags', () => {
  const policy = new ShedPolicy()
  assert.equal(firstDecision(policy, { ...calm, shed: 0 }, 0, 100_000), undefined)
  assert.deepEqual(firstDecision(policy, lagging, 100_000, 200_000), { decision: 'shed', nowMs: 106_000 })
})

test('a shed rung comes back after thirty seconds with a processor to spare', () => {
  const policy = new ShedPolicy()
  firstDecision(policy, lagging, 0, 6_000)
  assert.equal(firstDecision(policy, { ...calm, idleCores: 0.2 }, 7_000, 99_000), undefined)
  assert.deepEqual(firstDecision(policy, calm, 100_000, 200_000), { decision: 'return', nowMs: 130_000 })
})

test('a rung that does not fit is tried after twice as long each time, ten minutes at most', () => {
  const policy = new ShedPolicy()
  let nowMs = 0
  const pauses: number[] = []
  for (let round = 0; round < 7; round += 1) {
    nowMs = firstDecision(policy, lagging, nowMs, nowMs + 10_000)?.nowMs ?? Number.NaN
    const returned = firstDecision(policy, calm, nowMs + 100, nowMs + 700_000)
    pauses.push(((returned?.nowMs ?? Number.NaN) - nowMs - 100) / 1000)
    nowMs = (returned?.nowMs ?? Number.NaN) + 100
  }
  assert.deepEqual(pauses, [30, 60, 120, 240, 480, 600, 600])
})

test('a rung that stayed for two minutes is trusted again', () => {
  const policy = new ShedPolicy()
  firstDecision(policy, lagging, 0, 6_000)
  firstDecision(policy, calm, 6_100, 40_000)
  firstDecision(policy, { ...calm, shed: 0 }, 40_100, 200_000)
  const shed = firstDecision(policy, lagging, 200_100, 210_000)
  assert.equal(shed?.decision, 'shed')
  const returned = firstDecision(policy, calm, 210_000, 300_000)
  assert.equal((returned?.nowMs ?? 0) - 210_000, 30_000)
})
