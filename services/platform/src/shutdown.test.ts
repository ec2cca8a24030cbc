import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from './logger.ts'
import { Shutdown } from './shutdown.ts'

const log = createLogger({ service: 'test' }, { write: () => undefined })

test('steps stop in the reverse order of starting, each once, and one that fails does not keep the others', async () => {
  const stopped: string[] = []
  const shutdown = new Shutdown({ log })
  shutdown.onStop('database', () => void stopped.push('database'))
  shutdown.onStop('broken', () => Promise.reject(new Error('stuck')))
  shutdown.onStop('server', async () => {
    await Promise.resolve()
    stopped.push('server')
  })
  assert.equal(shutdown.signal.aborted, false)
  await Promise.all([shutdown.run('test'), shutdown.run('again')])
  assert.deepEqual(stopped, ['server', 'database'])
  assert.equal(shutdown.signal.aborted, true)
})

test('a diagnostic report, should anybody turn one on, is without the environment', (t) => {
  const before = process.report.excludeEnv
  const signals = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'] as const
  const listeners = signals.map((name) => process.listeners(name as 'SIGTERM'))
  t.after(() => {
    process.report.excludeEnv = before
    for (const [n, name] of signals.entries()) {
      for (const listener of process.listeners(name as 'SIGTERM')) {
        if (!listeners[n]?.includes(listener)) process.off(name, listener)
      }
    }
  })
  new Shutdown({ log }).listen()
  assert.equal('environmentVariables' in process.report.getReport(), false)
})
