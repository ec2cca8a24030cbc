import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRegistry } from './metrics.ts'

test('a process that waits is woken ten times a second to see whether its event loop is late, and tells its lag', async () => {
  const registry = createRegistry('any')
  await registry.metrics() // from here on
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, 500) // some looks
  await promise
  const [, seconds] = /^nodejs_eventloop_lag_min_seconds\S* (\S+)/m.exec(await registry.metrics()) ?? []
  assert.ok(Number(seconds) > 0.05 && Number(seconds) < 0.5, `${seconds} s between two looks`)
})
