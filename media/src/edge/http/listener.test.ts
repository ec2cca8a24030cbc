import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Connection } from './connection.ts'
import { listenHttp } from './listener.ts'

const ok = (body: string) => Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`

/** One request and the means to answer it. */
interface Exchange {
  readonly target: string
  onGone(): void
  readonly respond: Connection['respond']
}

async function server(
  t: TestContext,
  onRequest: (exchange: Exchange) => void,
  { idleMs = 60_000, maxConnections = 100 } = {},
) {
  const listener = await listenHttp({
    port: 0,
    host: '127.0.0.1',
    maxConnections,
    idleMs,
    open: (connection) => {
      let last: Exchange | undefined
      return {
        onRequest: ({ target }) => {
          last = { target, onGone: () => {}, respond: (response, close) => connection.respond(response, close) }
          onRequest(last)
        },
        onGone: () => last?.onGone(),
      }
    },
    badRequest: (status) => Buffer.from(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`),
  })
  t.after(() => listener.close(0))
  const client = async (): Promise<Socket> => {
    const socket = connect(listener.port, '127.0.0.1')
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { listener, client }
}

/** Everything the peer sends until it closes. */
async function whole(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

async function receive(socket: Socket, until: RegExp): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
    if (until.test(text)) resolve(text)
  })
  return promise
}

test('a head that comes byte by byte is one request', async (t) => {
  const targets: string[] = []
  const { client } = await server(t, (exchange) => {
    targets.push(exchange.target)
    exchange.respond(ok('a'), false)
  })
  const socket = await client()
  for (const character of get('/one')) {
    socket.write(character)
    await new Promise(setImmediate)
  }
  await receive(socket, /\r\n\r\na$/)
  assert.deepEqual(targets, ['/one'])
})

test('pipelined requests are answered one after the other, in order', async (t) => {
  const pending: Exchange[] = []
  const targets: string[] = []
  const { client } = await server(t, (exchange) => {
    pending.push(exchange)
    targets.push(exchange.target)
  })
  const socket = await client()
  socket.write(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'))
  while (pending.length === 0) await new Promise(setImmediate)
  assert.deepEqual(targets, ['/1'], 'the second waits for the first')
  for (let index = 0; index < 3; index++) pending[index]?.respond(ok(String(index)), index === 2)
  const bodies = [...(await whole(socket)).matchAll(/\r\n\r\n(\d)/g)].map(([, body]) => body)
  assert.deepEqual(bodies, ['0', '1', '2'])
})

test('a head that is no good gets its status and the connection ends', async (t) => {
  const { client } = await server(t, () => assert.fail('asked'))
  for (const [head, status] of [
    [
      'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      413,
    ],
    ['nonsense\r\n\r\n', 400],
    [`GET /${'a'.repeat(20_000)}`, 431],
  ] as const) {
    const socket = await client()
    socket.write(head)
    assert.match(await whole(socket), new RegExp(`^HTTP/1.1 ${status} No\\r\\nContent-Length: 0\\r\\n\\r\\n$`))
  }
})

test('a peer that floods while a response is owed is cut off', async (t) => {
  const gone: string[] = []
  const { client } = await server(t, (exchange) => {
    exchange.onGone = () => {
      gone.push(exchange.target)
    }
  })
  const socket = await client()
  socket.on('error', () => {})
  socket.write(get('/') + get('/').repeat(2_000))
  await once(socket, 'close')
  while (gone.length === 0) await new Promise(setImmediate)
  assert.deepEqual(gone, ['/'])
})

test('one who reads nothing gets no further answers prepared', async (t) => {
  let asked = 0
  const { client } = await server(t, (exchange) => {
    asked += 1
    exchange.respond(ok('x'.repeat(1_000_000)), false)
  })
  const socket = await client()
  socket.pause()
  socket.write(get('/').repeat(100))
  await new Promise((resolve) => setTimeout(resolve, 300)) // proves an absence: nothing to wait for
  assert.ok(asked < 30, `${asked} answers`)
})

test('an idle connection and an unfinished head are closed; a held request is not', async (t) => {
  const held: Exchange[] = []
  const { listener, client } = await server(t, (exchange) => void held.push(exchange), { idleMs: 100 })
  const [idle, half, waiting] = [await client(), await client(), await client()]
  half.write('GET / HT')
  waiting.write(get('/held'))
  await Promise.all([once(idle, 'close'), once(half, 'close')])
  while (listener.connections > 1) await new Promise(setImmediate)
  held[0]?.respond(ok('late'), true)
  assert.match(await whole(waiting), /late$/)
})

test('a connection beyond the most is closed at once, and one that ends makes room', async (t) => {
  const { client } = await server(t, (exchange) => exchange.respond(ok('in'), false), { maxConnections: 1 })
  const first = await client()
  first.write(get('/'))
  await receive(first, /in$/)
  const second = await client()
  await once(second.resume(), 'close')
  first.destroy()
  for (let answer = ''; answer === '';) {
    const next = await client()
    const closed = once(next, 'close').catch(() => []) // reset: there was no room yet
    next.write(get('/'))
    answer = await Promise.race([receive(next, /in$/), closed.then(() => '')])
  }
})

test('what two connections send at once is not mixed up', async (t) => {
  const { client } = await server(t, (exchange) => exchange.respond(ok(exchange.target), false))
  const sockets = await Promise.all(Array.from({ length: 20 }, client))
  const answers = sockets.map((socket, index) => receive(socket, new RegExp(`\\r\\n\\r\\n/${index}$`)))
  for (const half of [0, 1]) {
    for (const [index, socket] of sockets.entries()) {
      const request = get(`/${index}`)
      socket.write(half === 0 ? request.slice(0, 9) : request.slice(9))
    }
    await new Promise(setImmediate)
  }
  await Promise.all(answers)
})

test('closing lets the response that is owed go out', async (t) => {
  const held: Exchange[] = []
  const { listener, client } = await server(t, (exchange) => void held.push(exchange))
  const socket = await client()
  socket.write(get('/'))
  while (held.length === 0) await new Promise(setImmediate)
  const closed = listener.close(20_000)
  held[0]?.respond(ok('last'), false)
  assert.match(await whole(socket), /last$/)
  await closed
})
