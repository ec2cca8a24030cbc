import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { AppError, UnavailableError } from './errors.ts'
import { createHttpApp, startHttpServer } from './http-app.ts'
import { createLogger } from './logger.ts'
import { apiRoutes, endpoint, openApiDocument } from './openapi.ts'

class SoldOutError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'sold_out'
}

const echo = endpoint({
  method: 'post',
  path: '/things/{id}',
  summary: 'Echo',
  access: 'public',
  params: z.object({ id: z.string().max(5) }),
  query: z.object({ verbose: z.enum(['yes', 'no']).optional() }),
  body: z.strictObject({ count: z.number().int().positive() }),
  bodyLimitBytes: 100,
  responses: {
    201: { description: 'Made', schema: z.object({ id: z.string(), count: z.number() }) },
    400: { description: 'Bad' },
  },
  handle({ params, body }) {
    if (body.count === 409) throw new SoldOutError('None left')
    if (body.count === 503) throw new UnavailableError('Later', { retryAfterSeconds: 7 })
    if (body.count === 500) throw new Error('a bug with password hunter2')
    return { status: 201, body: { id: params.id, count: body.count } }
  },
})
const info = { title: 'Test', version: '1', basePath: '/api' }

async function start(t: TestContext) {
  const logged: string[] = []
  const log = createLogger({ service: 'test', level: 'debug' }, { write: (line) => void logged.push(line) })
  const registry = new Registry()
  const middleware = apiRoutes(info, [echo], () => Promise.reject(new Error('no tokens here')))
  const server = await startHttpServer(createHttpApp({ log, registry, middleware }), { port: 0 })
  t.after(() => server.close(0))
  const base = `http://127.0.0.1:${server.port}`
  const post = async (
    path: string,
    body: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => {
    const response = await fetch(`${base}${path}`, { method: 'POST', body, headers })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    }
  }
  return { post, base, logged, registry, port: server.port }
}

test('a request that fits is handled, counted by its route, and carries its id back', async (t) => {
  const { post, registry } = await start(t)
  const answer = await post('/api/things/a1?verbose=yes', '{"count":3}', {
    'content-type': 'application/json',
    'x-request-id': 'my-request-1',
  })
  assert.deepEqual([answer.status, answer.body], [201, { id: 'a1', count: 3 }])
  assert.equal(answer.headers.get('x-request-id'), 'my-request-1')
  assert.match(
    await registry.metrics(),
    /http_request_duration_seconds_count\{[^}]*route="\/things\/\{id\}",status="2xx"[^}]*\} 1/,
  )
})

test('bad input is refused with a status, a code and the field that is wrong', async (t) => {
  const { post } = await start(t)
  const cases: [string, Awaited<ReturnType<typeof post>>, number, string][] = [
    ['wrong type', await post('/api/things/a', '{"count":"3"}'), 400, 'invalid_request'],
    ['unknown field', await post('/api/things/a', '{"count":3,"x":1}'), 400, 'invalid_request'],
    ['bad path', await post('/api/things/abcdef', '{"count":3}'), 400, 'invalid_request'],
    ['bad query', await post('/api/things/a?verbose=2', '{"count":3}'), 400, 'invalid_request'],
    ['not JSON', await post('/api/things/a', '{count'), 400, 'invalid_request'],
    [
      'too large',
      await post('/api/things/a', JSON.stringify({ count: 3, pad: 'x'.repeat(200) })),
      413,
      'body_too_large',
    ],
    [
      'not a JSON type',
      await post('/api/things/a', 'count=3', { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    ],
    ['no such route', await post('/api/nothing', '{}'), 404, 'no_such_route'],
  ]
  for (const [name, answer, status, code] of cases) {
    assert.deepEqual([answer.status, answer.body.code], [status, code], name)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', name)
  }
  assert.deepEqual((await post('/api/things/a', '{"count":"3"}')).body.errors, [
    { path: 'count', message: 'Invalid input: expected number, received string' },
  ])
})

test('refusals keep their code, an outage says when to come back, and a bug tells the caller nothing', async (t) => {
  const { post, logged } = await start(t)
  assert.equal((await post('/api/things/a', '{"count":409}')).body.code, 'sold_out')
  const later = await post('/api/things/a', '{"count":503}')
  assert.deepEqual([later.status, later.headers.get('retry-after')], [503, '7'])
  const bug = await post('/api/things/a', '{"count":500}')
  assert.equal(bug.status, 500)
  assert.doesNotMatch(JSON.stringify(bug.body), /hunter2/)
  assert.equal(logged.filter((line) => line.includes('http.bug')).length, 1)
})

test('a malformed HTTP request is answered 400 and the server goes on', async (t) => {
  const { post, port } = await start(t)
  const socket = connect(port, '127.0.0.1')
  socket.end('NONSENSE / HTTP/9.9\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1.1 400/)
  assert.equal((await post('/api/things/a', '{"count":3}')).status, 201)
})

test('the OpenAPI document says what the endpoint validates', () => {
  const document = openApiDocument(info, [echo])
  const operation = document.paths?.['/api/things/{id}']?.post
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(
    operation?.parameters?.map((parameter) => ('name' in parameter ? parameter.name : '')),
    ['id', 'verbose'],
  )
  assert.match(JSON.stringify(operation?.requestBody), /"count":\{"type":"integer"/)
  assert.match(JSON.stringify(operation?.responses), /problem\+json/)
})
