import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHttpServer, createHttpApp } from './http-app.ts'
import { createLogger } from './logger.ts'
import { createRegistry } from './metrics.ts'
import { apiRoutes, endpoint } from './openapi.ts'

test('an answer without a body keeps its status: a browser follows a 303, and no 204', async (t) => {
  const away = endpoint({
    method: 'get',
    path: '/away',
    summary: 'Away',
    access: 'public',
    responses: { 303: { description: 'There' } },
    handle: () => ({ status: 303, headers: { location: 'https://shop.example/' } }),
  })
  const info = { title: 'Test', version: '1', basePath: '/v1' }
  const nobody = () => Promise.reject(new Error('no accounts'))
  const log = createLogger({ service: 'test', level: 'error' })
  const middleware = apiRoutes(info, [away], nobody)
  const server = await startHttpServer(createHttpApp({ log, registry: createRegistry('test'), middleware }), {
    port: 0,
  })
  t.after(() => server.close(100))
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1/away`, { redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, 'https://shop.example/'])
  assert.equal(await answer.text(), '')
})
