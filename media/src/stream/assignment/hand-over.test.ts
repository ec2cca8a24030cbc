import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import type { Assignment } from './assignment.ts'
import { handOver } from './hand-over.ts'

const log = createLogger({ service: 'test' }, { write: () => undefined })
const assignment = (state: Assignment['state']): Assignment => ({
  broadcast: 'b-1',
  streamKeySha256: undefined,
  latency: 'Low',
  dvrWindowSeconds: 60,
  ladder: undefined,
  encoderPreset: undefined,
  recording: false,
  createdAtMs: 0,
  sequence: undefined,
  state,
})

function source(current: Assignment | undefined) {
  const listeners: ((assignment: Assignment) => void)[] = []
  return {
    current,
    subscribe: (listener: (assignment: Assignment) => void) => void listeners.push(listener),
    tell: (state: Assignment['state']) => listeners.forEach((listener) => listener(assignment(state))),
  }
}

test('a warm Pod and one whose broadcast is over leave at once', async () => {
  for (const current of [undefined, assignment('ended'), assignment('moved')]) {
    assert.equal(await handOver({ assignments: source(current), maxMs: 60_000, log }), true)
  }
})

test('a live Pod stays until another has its broadcast, whatever else changes', async () => {
  for (const last of ['moved', 'ended'] as const) {
    const assignments = source(assignment('open'))
    let hasLeft = false
    const leaving = handOver({ assignments, maxMs: 60_000, log }).finally(() => (hasLeft = true))
    assignments.tell('open')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(hasLeft, false)
    assignments.tell(last)
    assert.equal(await leaving, true)
  }
})

test('a Pod that nobody relieves leaves when its time is over', async () => {
  assert.equal(await handOver({ assignments: source(assignment('open')), maxMs: 20, log }), false)
})
