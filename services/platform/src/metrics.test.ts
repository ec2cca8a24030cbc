import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createRegistry } from './metrics.ts'

test('a process that waits is woken ten times a second to see whether its event loop is late, and tells its lag', async () => {
  const registry = createRegistry('any')
  await registry.metrics() // from here on
  const shortest = async () => {
    await delay(500) // some looks
    const [, seconds] = /^nodejs_eventloop_lag_min_seconds\S* (\S+)/m.exec(await registry.metrics()) ?? []
    return Number(seconds)
  }
  let seconds = await shortest()
  // where the machine stood still for as long, there was no look, or a late one
  for (let times = 0; seconds >= 0.5 && times < 20; times += 1) seconds = await shortest()
  assert.ok(seconds > 0.05 && seconds < 0.5, `${seconds} s between two looks`)
})
