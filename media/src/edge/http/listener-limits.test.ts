import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closed, get, ok, okHead, receive, server, whole, type Exchange } from '../testing/listener-under-test.ts'
import { responseBytes } from './response-bytes.ts'

test('a peer that floods while a response is owed is cut off', async (t) => {
  const gone: string[] = []
  const { client } = await server(t, (exchange) => {
    exchange.onGone = () => {
      gone.push(exchange.target)
    }
  })
  await closed(await client(get('/') + get('/').repeat(2_000)))
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
  const waiting = await client(get('/held'))
  await Promise.all(['', 'GET / HT'].map(async (begin) => await closed(await client(begin))))
  while (listener.connections > 1) await new Promise(setImmediate)
  held[0]?.respond(ok('late'), true)
  assert.match(await whole(waiting), /late$/)
})

test('a connection beyond the most is told so and closed, and one that ends makes room', async (t) => {
  const { client, shed } = await server(t, (exchange) => exchange.respond(ok('in'), false), { maxConnections: 1 })
  const first = await client()
  first.write(get('/'))
  await receive(first, /in$/)
  const second = await client(get('/').repeat(500)) // what is not read must not cost it the answer
  assert.equal(await whole(second), 'HTTP/1.1 503 No room\r\nConnection: close\r\n\r\n')
  assert.deepEqual(shed, ['connections'])
  first.destroy()
  for (let answer = ''; !answer.endsWith('in');) {
    const next = await client(get('/', 'Connection: close\r\n'))
    answer = await receive(next, /in$|No room/)
  }
})

test('connections beyond the most that say nothing are closed, and so few are listened to that they cost nothing', async (t) => {
  const { client, shed } = await server(t, () => {}, { maxConnections: 0 })
  await Promise.all(Array.from({ length: 300 }, async () => await closed(await client())))
  assert.equal(shed.length, 300)
})

test('a head that comes byte by byte has no more time than one that does not come', { timeout: 300_000 }, async (t) => {
  const { client } = await server(t, () => assert.fail('asked'), { idleMs: 200 })
  const socket = await client('GET /')
  const drip = setInterval(() => socket.write('a'), 20)
  t.after(() => clearInterval(drip))
  await closed(socket)
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
