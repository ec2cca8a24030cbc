import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Readiness, startAdminServer } from './health.ts'
import { createRegistry } from './metrics.ts'

test('readyz names what is missing, healthz only asks whether the process answers, metrics are Prometheus text', async (t) => {
  const readiness = new Readiness()
  let databaseUp = false
  readiness.add('mysql', () => databaseUp)
  readiness.add('redis', () => Promise.reject(new Error('gone')))
  const admin = await startAdminServer({ port: 0, host: '127.0.0.1', registry: createRegistry('test'), readiness })
  t.after(() => admin.close())
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${admin.port}${path}`)
    return [response.status, await response.text()] as const
  }
  assert.deepEqual(await get('/readyz'), [503, 'not ready: mysql, redis\n'])
  assert.deepEqual(await get('/healthz'), [200, 'ok\n'])
  databaseUp = true
  readiness.add('redis', () => Promise.resolve(true))
  assert.deepEqual(await get('/readyz'), [200, 'ready\n'])
  readiness.drain()
  assert.deepEqual(await get('/readyz'), [503, 'not ready: draining\n'])
  assert.match((await get('/metrics'))[1], /process_cpu_seconds_total\{service="test"\}/)
})
