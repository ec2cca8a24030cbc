import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { listen } from './health.ts'
import { callHttp } from './http-call.ts'

async function serving(t: TestContext, handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle)
  server.keepAliveTimeout = 600_000 // a connection that is not used for some seconds is kept all the same
  let connections = 0
  server.on('connection', () => (connections += 1))
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, connections: () => connections }
}

test('a call is answered with status and text, and those after it share its connections', async (t) => {
  const { url, connections } = await serving(t, (request, response) => {
    void text(request).then((sent) => {
      response.writeHead(request.method === 'POST' ? 201 : 404, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ sent, header: request.headers['x-of-ours'] }))
    })
  })
  const made = await callHttp({ method: 'POST', url, headers: { 'x-of-ours': 'yes' }, body: '원', timeoutMs: 60_000 })
  assert.deepEqual([made.status, made.ok, await made.json()], [201, true, { sent: '원', header: 'yes' }])
  const missing = await callHttp({ method: 'GET', url: new URL('/x', url), timeoutMs: 60_000 })
  assert.deepEqual([missing.status, missing.ok], [404, false])
  for (let n = 0; n < 10; n += 1) await callHttp({ method: 'GET', url, timeoutMs: 60_000 })
  assert.ok(connections() <= 2, `${connections()} connections`) // the last one may not be free yet when the next begins
})

test('late, cut, endless and refused: each is an error that quotes nothing of what was sent', async (t) => {
  const body = '{"cardNumber":"4242424242424242"}'
  const cases: [name: string, handle: (request: IncomingMessage, response: ServerResponse) => void][] = [
    ['late', () => undefined],
    ['half', (_, response) => void response.writeHead(200, { 'content-length': '10' }).write('12345')],
    ['cut', (request) => request.destroy()],
    [
      'cut in the middle',
      (_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('12345')
        setImmediate(() => response.destroy())
      },
    ],
    ['endless', (_, response) => void response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024))],
  ]
  for (const [name, handle] of cases) {
    const { url } = await serving(t, handle)
    const error = await callHttp({ method: 'POST', url, body, timeoutMs: 300 }).then(
      () => assert.fail(`${name} was answered`),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof Error, name)
    assert.equal(`${error.message} ${error.stack}`.includes('4242'), false, name)
  }
  await assert.rejects(callHttp({ method: 'GET', url: 'http://127.0.0.1:1', timeoutMs: 60_000 }), /ECONNREFUSED/)
})

test('a redirect is an answer, and is not followed', async (t) => {
  const { url } = await serving(t, (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end())
  assert.equal((await callHttp({ method: 'GET', url, timeoutMs: 60_000 })).status, 302)
})
