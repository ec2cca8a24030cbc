import assert from 'node:assert/strict'
import { test } from 'node:test'
import { get, ok, okHead, receive, server, whole, type Exchange } from '../testing/listener-under-test.ts'
import { responseBytes } from './response-bytes.ts'

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

test('a head and the body it shares with others arrive as one response', async (t) => {
  const body = Buffer.alloc(300_000, 'b')
  const { client } = await server(t, ({ respond }) => respond(responseBytes(okHead(body.length), body), true))
  const socket = await client()
  socket.write(get('/'))
  assert.equal(await whole(socket), okHead(body.length).toString() + body.toString())
})

test('what two connections send at once is not mixed up', async (t) => {
  const { client } = await server(t, (exchange) => exchange.respond(ok(exchange.target), false))
  const sockets = await Promise.all(Array.from({ length: 20 }, () => client()))
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
