import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { EdgeRequest } from './edge-request.ts'
import { ByteBudget } from './byte-budget.ts'
import { Upstream } from './upstream.ts'

const part: EdgeRequest = { broadcast: 'b-1', kind: 'media', path: '/source/part-1.0.m4s', query: '', key: 'part' }
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

/** Asks a Pod that answers as told. */
async function asked(t: TestContext, listener: RequestListener, signal = new AbortController().signal) {
  const pod = createServer(listener).listen(0, '127.0.0.1')
  await once(pod, 'listening')
  const upstream = new Upstream()
  t.after(async () => {
    await upstream.close()
    pod.closeAllConnections()
    pod.close()
  })
  return upstream.fetch({ host: '127.0.0.1', port: (pod.address() as AddressInfo).port }, part, signal)
}

test('an answer is whole, whether its length was announced or not', async (t) => {
  for (const headers of [{ 'content-length': bytes.length }, {}]) {
    const answer = await asked(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'cache-control': 'max-age=9', ...headers })
      for (let at = 0; at < bytes.length; at += 50_000) response.write(bytes.subarray(at, at + 50_000))
      response.end()
    })
    assert.equal(answer.status, 200)
    assert.equal(answer.maxAgeSeconds, 9)
    assert.ok(answer.body.equals(bytes))
  }
})

test('an answer that ends before its length is an error, and not a short part', async (t) => {
  const answer = asked(t, (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 1000), () => response.destroy())
  })
  await assert.rejects(answer)
})

test('a body beyond 32 MiB is given up', { timeout: 300_000 }, async (t) => {
  const chunk = Buffer.alloc(1024 * 1024)
  const answer = asked(t, (_request, response) => {
    const pour = () => {
      while (response.write(chunk));
    }
    response.on('drain', pour)
    pour()
  })
  await assert.rejects(answer, RangeError)
})

test('an answer of unknown length takes no more memory than it has', async (t) => {
  const answer = await asked(t, (_request, response) => {
    response.write('x')
    response.end()
  })
  assert.equal(answer.body.buffer.byteLength, 641)
})

test('a request that is given up ends at once, and the Pod sees it', async (t) => {
  const given = new AbortController()
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const answer = asked(
    t,
    (request) => {
      request.socket.once('close', () => resolve())
      given.abort(new Error('enough'))
    },
    given.signal,
  )
  await assert.rejects(answer, /enough/)
  await gone
})

test('what there is no room for stays with the Pod, and comes when there is', async (t) => {
  const budget = new ByteBudget({ maxBytes: 1_000_000 })
  const pod = createServer((request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, 'cache-control': 'max-age=9' })
    response.end(bytes)
  }).listen(0, '127.0.0.1')
  await once(pod, 'listening')
  const upstream = new Upstream(budget)
  t.after(async () => {
    await upstream.close()
    pod.closeAllConnections()
    pod.close()
  })
  const origin = { host: '127.0.0.1', port: (pod.address() as AddressInfo).port }
  const never = new AbortController().signal
  const others = budget.claim(700_000, () => {})
  let answered = 0
  const waiting = Array.from({ length: 5 }, async () => {
    const answer = await upstream.fetch(origin, part, never)
    answered += 1
    return answer
  })
  const given = new AbortController()
  const left = upstream.fetch(origin, part, given.signal)
  const requests = once(pod, 'request')
  await requests
  given.abort(new Error('left'))
  await assert.rejects(left, /left/)
  assert.deepEqual([answered, budget.bytes], [0, 700_000])
  others.release()
  for (const answer of await Promise.all(waiting)) assert.ok(answer.body.equals(bytes))
  assert.equal(budget.bytes, 0)
})
