import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import type { Context } from 'koa'
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
  query: z.object({ verbose: z.enum(['yes', 'no']).optional(), q: z.string().max(10).optional() }),
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
  return { post, base, logged, registry, server, port: server.port }
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

test('what somebody searched for is in no log, whatever becomes of the request', async (t) => {
  const { post, logged, registry } = await start(t)
  for (const body of ['{"count":3}', '{"count":500}', '{"count":503}', '{count']) {
    for (const q of ['minji', 'minji-minji-minji']) await post(`/api/things/a?q=${q}`, body)
  }
  await post('/api/nothing?q=minji', '{}')
  assert.ok(logged.length >= 9)
  for (const said of [...logged, await registry.metrics()]) assert.ok(!said.includes('minji'), said)
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
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1.1 400 .*application\/problem\+json/s)
  assert.match(answer, /"code":"malformed_http"/)
  assert.equal((await post('/api/things/a', '{"count":3}')).status, 201)
})

test('a head larger than 16 KiB is answered 431 and the server goes on', async (t) => {
  const { post, port } = await start(t)
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined) // cut while it writes
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`)
  assert.match(await text(socket), /^HTTP\/1.1 431 .*application\/problem\+json.*"code":"headers_too_large"/s)
  assert.equal((await post('/api/things/a', '{"count":3}')).status, 201)
})

test('a method that a path does not have is refused with those it has', async (t) => {
  const { base } = await start(t)
  for (const method of ['GET', 'DELETE', 'PROPFIND']) {
    const answer = await fetch(`${base}/api/things/a`, { method })
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], method)
    assert.equal(((await answer.json()) as { code: string }).code, 'method_not_allowed')
  }
  const options = await fetch(`${base}/api/things/a`, { method: 'OPTIONS' })
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'POST'])
})

test('a body or a head that comes a byte a second is refused at its deadline, and others are served meanwhile', async (t) => {
  const { post, port } = await start(t)
  const drip = async (head: string) => {
    let bytes = 0
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined) // the cut is a reset where a byte arrives beside it, long after the answer
    const answer: string[] = []
    socket.setEncoding('utf8').on('data', (chunk: string) => answer.push(chunk))
    socket.write(head)
    const dripping = setInterval(() => {
      bytes += 1
      socket.write('x')
    }, 1_000)
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(dripping)
    return { answer: answer.join(''), bytes }
  }
  const jsonHead =
    'POST /api/things/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n'
  const slow = Promise.all([drip(jsonHead), drip('POST /api/things/a HTTP/1.1\r\nHost: x\r\nX-Slow: ')])
  assert.equal((await post('/api/things/a', '{"count":3}')).status, 201)
  const [body, head] = await slow
  assert.match(body.answer, /^HTTP\/1.1 408 .*application\/problem\+json.*"code":"body_too_slow"/s)
  assert.match(head.answer, /^HTTP\/1.1 408 .*application\/problem\+json.*"code":"request_too_slow"/s)
  // counted in bytes: a second in which the machine stands still has none
  for (const { bytes } of [body, head]) assert.ok(bytes < 20, `${bytes} bytes`)
})

test('a refused body is read to its end before the connection is free again, so that no reset overtakes the refusal', async (t) => {
  const { port } = await start(t)
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => undefined)
  const length = 3_000_000
  const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  socket.write(`POST /api/things/a HTTP/1.1\r\n${head}${'x'.repeat(length / 2)}`)
  const answers: string[] = []
  socket.setEncoding('utf8').on('data', (chunk: string) => answers.push(chunk))
  await once(socket, 'data')
  socket.write(`${'x'.repeat(length / 2)}POST /api/things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await once(socket, 'end')
  assert.deepEqual(answers.join('').match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 415'])
})

test('a caller that never stops sending a refused body is cut', async (t) => {
  const { port } = await start(t)
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => undefined)
  const chunk = 'x'.repeat(100_000)
  const send = () => {
    while (!socket.destroyed && socket.write(chunk)) continue
  }
  socket.on('drain', send)
  const head = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n'
  socket.write(`POST /api/things/a HTTP/1.1\r\n${head}`)
  send()
  await new Promise((resolve) => socket.resume().once('close', resolve))
  assert.ok(socket.bytesWritten < 100_000_000, `${socket.bytesWritten} bytes taken`)
})

test('a lame duck answers until it is quiet, and has every caller use another connection next', async (t) => {
  const { base, server } = await start(t)
  const leaving = server.lameDuck()
  const late = await fetch(`${base}/api/things/a`)
  assert.deepEqual([late.status, late.headers.get('connection')], [405, 'close'])
  await leaving
  await server.close(0)
  await assert.rejects(fetch(`${base}/api/things/a`))
})

test('an answer that a closing server still gives tells the caller to use another connection', async (t) => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
  const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
  const slow = async (ctx: Context) => {
    ask()
    await mayAnswer
    ctx.body = 'late'
  }
  const app = createHttpApp({ log, registry: new Registry(), middleware: [slow] })
  const server = await startHttpServer(app, { port: 0 })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ port: server.port, agent }, resolve).once('error', reject).end()
  await asked
  const closed = server.close()
  answer()
  const late = await answered
  assert.deepEqual([late.statusCode, late.headers.connection, await text(late)], [200, 'close', 'late'])
  await closed
})

test('the OpenAPI document says what the endpoint validates', () => {
  const document = openApiDocument(info, [echo])
  const operation = document.paths?.['/api/things/{id}']?.post
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(
    operation?.parameters?.map((parameter) => ('name' in parameter ? parameter.name : '')),
    ['id', 'verbose', 'q'],
  )
  assert.match(JSON.stringify(operation?.requestBody), /"count":\{"type":"integer"/)
  assert.match(JSON.stringify(operation?.responses), /problem\+json/)
  assert.deepEqual(Object.keys(operation?.responses ?? {}), ['201', '400', '408', '413', '415', '503'])
  assert.match(JSON.stringify(operation?.responses?.[503]), /"Retry-After":\{"required":true/)
})

test('the OpenAPI document tells of 304 where answers have ETags', () => {
  const list = endpoint({
    method: 'get',
    path: '/things',
    summary: 'List',
    access: 'public',
    responses: { 200: { description: 'All', schema: z.object({ things: z.array(z.string()) }) } },
    handle: () => ({ status: 200, body: { things: [] } }),
  })
  const answers = (conditionalGet: boolean) =>
    Object.keys(openApiDocument({ ...info, conditionalGet }, [list]).paths?.['/api/things']?.get?.responses ?? {})
  assert.deepEqual(
    [answers(true), answers(false)],
    [
      ['200', '304', '503'],
      ['200', '503'],
    ],
  )
})
