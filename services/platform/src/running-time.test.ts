import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterRunning } from './running-time.ts'

/** Has the whole process do nothing, as one that its hypervisor or its cgroup stops. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

test('a time is not over because the process stood still for longer, and is when it has run so long', async () => {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  let isOver = false
  const since = performance.now()
  afterRunning(1_000, () => {
    isOver = true
    resolve()
  })
  standStill(1_200)
  for (let turns = 0; turns < 3; turns += 1) await nextTurn()
  assert.equal(isOver, false)
  await over
  assert.ok(performance.now() - since >= 1_900, 'all but a fifth is left')
})

test('one that is called off calls nobody', async () => {
  const timer = afterRunning(10, () => assert.fail('it was called off'))
  clearTimeout(timer)
  const { promise, resolve } = Promise.withResolvers<void>()
  afterRunning(50, resolve)
  await promise
})
