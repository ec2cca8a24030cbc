import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Connection } from './connection.ts'
import { listenHttp } from './listener.ts'
import { responseBytes } from './response-bytes.ts'

const okHead = (length: number) => Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`)
const ok = (body: string) => responseBytes(Buffer.concat([okHead(body.length), Buffer.from(body)]))
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
  { idleMs = 60_000, maxConnections = 100, maxBacklogBytes = 1e9 } = {},
) {
  const shed: string[] = []
  const listener = await listenHttp({
    port: 0,
    host: '127.0.0.1',
    maxConnections,
    maxBacklogBytes,
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
    badRequest: (status) => responseBytes(Buffer.from(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)),
    noRoom: () => responseBytes(Buffer.from('HTTP/1.1 503 No room\r\nConnection: close\r\n\r\n')),
    onShed: (reason) => shed.push(reason),
  })
  t.after(() => listener.close(0))
  const client = async (): Promise<Socket> => {
    const socket = connect(listener.port, '127.0.0.1')
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { listener, client, shed }
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

test('heads that are like the last one but for the target are each their own request, whatever comes between and with them', async (t) => {
  const targets: string[] = []
  const { client } = await server(t, (exchange) => {
    targets.push(exchange.target)
    exchange.respond(ok(exchange.target), exchange.target === '/last')
  })
  const socket = await client()
  const closed = whole(socket)
  const answered = async (count: number) => {
    while (targets.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  const steps = [
    [get('/1')],
    [get('/2')],
    [get('/3')],
    [get('/4', 'X-Other: 1\r\n')],
    [get('/5', 'X-Other: 1\r\n')],
    [get('/6', 'X-Other: 1\r\n')],
    [get('/7', 'X-Other: 1\r\n') + get('/8', 'X-Other: 1\r\n')],
    [get('/9', 'X-Other: 1\r\n').slice(0, 7), get('/9', 'X-Other: 1\r\n').slice(7)],
    [get('/last', 'X-Other: 1\r\n')],
  ]
  let expected = 0
  for (const pieces of steps) {
    for (const piece of pieces) socket.write(piece)
    expected += pieces.join('').split('GET ').length - 1
    await answered(expected)
  }
  const wanted = ['/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9', '/last']
  assert.deepEqual(targets, wanted)
  assert.deepEqual((await closed).match(/\/\w+$|\/\d(?=HTTP)/g), wanted)
})

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

test('a connection beyond the most is told so and closed, and one that ends makes room', async (t) => {
  const { client, shed } = await server(t, (exchange) => exchange.respond(ok('in'), false), { maxConnections: 1 })
  const first = await client()
  first.write(get('/'))
  await receive(first, /in$/)
  const second = await client()
  second.write(get('/').repeat(500)) // what is not read must not cost it the answer
  assert.equal(await whole(second), 'HTTP/1.1 503 No room\r\nConnection: close\r\n\r\n')
  assert.deepEqual(shed, ['connections'])
  first.destroy()
  for (let answer = ''; !answer.endsWith('in');) {
    const next = await client()
    next.write(get('/', 'Connection: close\r\n'))
    answer = await receive(next, /in$|No room/)
  }
})

test('connections beyond the most that say nothing are closed, and so few are listened to that they cost nothing', async (t) => {
  const { client, shed } = await server(t, () => {}, { maxConnections: 0 })
  const sockets = await Promise.all(Array.from({ length: 300 }, client))
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
  assert.equal(shed.length, 300)
})

test('thousands of requests in one piece are answered in order, none within another', async (t) => {
  let depth = 0
  let deepest = 0
  let count = 0
  const { client } = await server(t, ({ respond }) => {
    depth += 1
    deepest = Math.max(deepest, depth)
    count += 1
    respond(ok(`${count}`), count === 2_000)
    depth -= 1
  })
  const socket = await client()
  socket.write(get('/').repeat(2_000))
  const numbers = [...(await whole(socket)).matchAll(/\r\n\r\n(\d+)/g)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    Array.from({ length: 2_000 }, (_, index) => index + 1),
  )
  assert.equal(deepest, 1)
})

test('a head that comes byte by byte has no more time than one that does not come', { timeout: 10_000 }, async (t) => {
  const { client } = await server(t, () => assert.fail('asked'), { idleMs: 200 })
  const socket = await client()
  socket.on('error', () => {})
  socket.write('GET /')
  const drip = setInterval(() => socket.write('a'), 20)
  t.after(() => clearInterval(drip))
  await once(socket.resume(), 'close')
})

test('a head and the body it shares with others arrive as one response', async (t) => {
  const body = Buffer.alloc(300_000, 'b')
  const { client } = await server(t, ({ respond }) => respond(responseBytes(okHead(body.length), body), true))
  const socket = await client()
  socket.write(get('/'))
  assert.equal(await whole(socket), okHead(body.length).toString() + body.toString())
})

test('what slow readers leave is bounded: who reads nothing for longest goes, and one body for many counts once', async (t) => {
  const shared = Buffer.alloc(16_000_000)
  const { listener, client, shed } = await server(
    t,
    ({ target, respond }) => {
      const body = target === '/shared' ? shared : Buffer.alloc(16_000_000)
      respond(responseBytes(okHead(body.length), body), false)
    },
    { maxBacklogBytes: 40_000_000 },
  )
  const reader = async (target: string) => {
    const socket = (await client()).pause()
    socket.on('error', () => {})
    socket.write(get(target))
    return socket
  }
  for (let index = 0; index < 10; index++) await reader('/shared')
  while (listener.backlogBytes === 0) await new Promise(setImmediate)
  const slowest = await reader('/own')
  while (listener.backlogBytes < 32_000_000) await new Promise(setImmediate)
  assert.deepEqual(shed, [])
  await reader('/own')
  while (shed.length < 10) await new Promise(setImmediate)
  assert.equal(listener.backlogBytes, 32_000_000)
  while (listener.connections > 2) await new Promise(setImmediate) // the ten came before
  slowest.resume()
  while (listener.backlogBytes > 16_000_000) await new Promise(setImmediate)
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
