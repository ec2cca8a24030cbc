import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { createLogger } from '../logger.ts'
import { livedTime } from '../testing/lived-time.ts'
import { KubernetesApi } from './api.ts'
import { startReflector } from './reflector.ts'
import type { Resource } from './resource.ts'

const shape = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), uid: z.string(), resourceVersion: z.string() }),
  size: z.number(),
})
type Box = z.infer<typeof shape>
const boxes: Resource<Box> = { apiVersion: 'v1', kind: 'Box', plural: 'boxes', parse: (value) => shape.parse(value) }

const box = (name: string, resourceVersion: number, size = 1, uid = name) => ({
  metadata: {
    name,
    namespace: 'shop',
    uid,
    resourceVersion: String(resourceVersion),
    managedFields: [{ manager: 'x' }],
  },
  size,
})
const listOf = (resourceVersion: number, items: unknown[], next = '') => ({
  metadata: { resourceVersion: String(resourceVersion), continue: next },
  items,
})

interface Request {
  query: URLSearchParams
  answer: ServerResponse
  /** Sends one watch event in the apiserver's framing: a line of JSON. */
  event(type: string, object: unknown): void
  json(status: number, body: unknown): void
}

/** An apiserver whose every answer the test gives; requests are taken in their order. */
async function scriptedApiserver(t: TestContext) {
  const queue: Request[] = []
  const waiting: ((request: Request) => void)[] = []
  const server = createServer((request, answer) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams
    const one: Request = {
      query,
      answer,
      event: (type, object) => void answer.write(`${JSON.stringify({ type, object })}\n`),
      json: (status, body) =>
        void answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    }
    if (query.get('watch') === 'true') answer.writeHead(200).flushHeaders()
    const next = waiting.shift()
    if (next) next(one)
    else queue.push(one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const api = new KubernetesApi(
    { server: new URL(`http://127.0.0.1:${port}`), namespace: 'shop', tls: {}, headers: () => Promise.resolve({}) },
    'test',
  )
  t.after(async () => {
    api.close()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const next = (): Promise<Request> => {
    const first = queue.shift()
    return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve))
  }
  return { api, next }
}

function follow(t: TestContext, api: KubernetesApi, options: { inactivityMs?: number } = {}) {
  const told: string[] = []
  const waiting = new Set<() => void>()
  const tell = (what: string) => {
    told.push(what)
    for (const check of waiting) check()
  }
  const reflector = startReflector({
    api,
    resource: boxes,
    namespace: 'shop',
    log: createLogger({ service: 'test' }, { write: () => undefined }),
    onChange: ({ metadata, size }) => tell(`${metadata.name}=${size}`),
    onDelete: ({ metadata }) => tell(`-${metadata.name}`),
    ...options,
  })
  t.after(() => reflector.stop())
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (told.length >= count) {
          waiting.delete(check)
          resolve()
        }
      }
      waiting.add(check)
      check()
    })
  return { reflector, told, until }
}

test('a list of several pages is complete before the store counts as synced', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, told } = follow(t, api)
  const first = await next()
  assert.equal(first.query.get('limit'), '500')
  first.json(200, listOf(9, [box('a', 1)], 'page-2'))
  const second = await next()
  assert.equal(second.query.get('continue'), 'page-2')
  second.json(200, listOf(9, [box('b', 2)]))
  await reflector.synced
  assert.deepEqual(told, ['a=1', 'b=1'])
  const watch = await next()
  assert.equal(watch.query.get('resourceVersion'), '9')
  assert.equal(watch.query.get('allowWatchBookmarks'), 'true')
  const timeout = Number(watch.query.get('timeoutSeconds'))
  assert.ok(timeout >= 20 && timeout <= 27, 'it ends before its silence would end it, so that a bookmark comes')
})

test('managedFields are not kept', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector } = follow(t, api)
  ;(await next()).json(200, listOf(9, [box('a', 1)]))
  await reflector.synced
  assert.ok(!('managedFields' in (reflector.store.get('shop/a')?.metadata ?? {})))
})

test('a watch that is cut resumes after the last event or bookmark, without a new list', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { told, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, []))
  const watch = await next()
  watch.event('ADDED', box('a', 10))
  watch.event('MODIFIED', box('a', 11, 2))
  watch.event('BOOKMARK', { metadata: { resourceVersion: '20' } })
  watch.event('DELETED', box('a', 21, 2))
  await until(3)
  watch.answer.destroy()
  const resumed = await next()
  assert.equal(resumed.query.get('watch'), 'true')
  assert.equal(resumed.query.get('resourceVersion'), '21')
  assert.deepEqual(told, ['a=1', 'a=2', '-a'])
})

test('an event cut in the middle of a line and of a character is put together again', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, []))
  const watch = await next()
  const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: box('가', 10) })}\n`)
  const middle = line.indexOf(Buffer.from('가')) + 1
  watch.answer.write(line.subarray(0, middle))
  await new Promise((resolve) => setImmediate(resolve))
  watch.answer.write(line.subarray(middle))
  await until(1)
  assert.ok(reflector.store.get('shop/가'))
})

test('after 410 everything is listed again and what vanished in between is told as deleted', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { told, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, [box('a', 1), box('b', 2)]))
  const watch = await next()
  watch.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
  const list = await next()
  assert.equal(list.query.get('watch'), null)
  assert.equal(list.query.get('resourceVersion'), null, 'a consistent read, never one from a lagging cache')
  list.json(200, listOf(30, [box('b', 25, 5)]))
  await until(4)
  assert.deepEqual(told, ['a=1', 'b=1', '-a', 'b=5'])
})

test('an apiserver that comes back without its history is listed at once, however long it was away', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  follow(t, api)
  ;(await next()).json(200, listOf(9, []))
  for (let tries = 0; tries < 5; tries++)
    (await next()).answer.destroy() // the pauses grow to more than a second
  ;(await next()).event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
  const since = livedTime()
  t.after(() => since.stop())
  const list = await next()
  assert.equal(list.query.get('watch'), null)
  assert.ok(since.ms() < 500, `${since.ms()} ms`)
})

test('a silent connection is given up and the watch resumes', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  follow(t, api, { inactivityMs: 100 })
  ;(await next()).json(200, listOf(9, []))
  await next() // accepted, then nothing, as behind a dead link
  const resumed = await next()
  assert.equal(resumed.query.get('resourceVersion'), '9')
})

test('a failing apiserver is asked again until it answers', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector } = follow(t, api)
  ;(await next()).json(503, { kind: 'Status', reason: 'ServiceUnavailable' })
  ;(await next()).answer.destroy()
  ;(await next()).json(200, listOf(9, [box('a', 1)]))
  await reflector.synced
  assert.equal(reflector.store.size, 1)
})

test('an own write is seen at once, and neither its echo nor older events undo it', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, told, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, [box('a', 5)]))
  const watch = await next()
  await reflector.synced
  reflector.wrote(shape.parse(box('a', 12, 7)))
  assert.equal(reflector.store.get('shop/a')?.size, 7)
  watch.event('MODIFIED', box('a', 11, 3))
  watch.event('MODIFIED', box('a', 12, 7))
  watch.event('MODIFIED', box('a', 13, 8))
  await until(3)
  assert.deepEqual(told, ['a=1', 'a=7', 'a=8'])
})

test('the answer of an own write that the watch has already passed brings nothing back', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, []))
  const watch = await next()
  watch.event('ADDED', box('a', 10))
  watch.event('DELETED', box('a', 11))
  await until(2)
  reflector.wrote(shape.parse(box('a', 10)))
  assert.equal(reflector.store.size, 0)
})

test('the deletion of a predecessor does not remove its successor of the same name', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, [box('a', 5, 1, 'old')]))
  const watch = await next()
  await reflector.synced
  reflector.wrote(shape.parse(box('a', 12, 2, 'new')))
  watch.event('DELETED', box('a', 11, 1, 'old'))
  watch.event('ADDED', box('b', 13))
  await until(3)
  assert.equal(reflector.store.get('shop/a')?.metadata.uid, 'new')
})

test('an object that becomes unreadable stays, by event and by list, until it is really gone', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector, told, until } = follow(t, api)
  ;(await next()).json(200, listOf(9, [box('a', 1), box('b', 2)]))
  const watch = await next()
  watch.event('MODIFIED', { ...box('a', 10), size: 'large' })
  watch.event('MODIFIED', box('b', 11, 2))
  await until(3)
  assert.equal(reflector.store.get('shop/a')?.size, 1)
  assert.deepEqual([...reflector.unreadable.keys()], ['shop/a'])
  watch.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
  ;(await next()).json(200, listOf(30, [{ ...box('a', 10), size: 'large' }, box('b', 25, 3)]))
  const resumed = await next()
  await until(4)
  assert.deepEqual(told, ['a=1', 'b=1', 'b=2', 'b=3'])
  resumed.event('MODIFIED', box('a', 31, 4))
  await until(5)
  assert.equal(reflector.unreadable.size, 0)
  resumed.event('MODIFIED', { ...box('a', 32), size: 'large' })
  resumed.event('DELETED', { ...box('a', 33), size: 'large' })
  await until(6)
  assert.deepEqual(told.slice(4), ['a=4', '-a'])
  assert.equal(reflector.unreadable.size, 0)
})

test('an object that cannot be read does not stop the others', async (t) => {
  const { api, next } = await scriptedApiserver(t)
  const { reflector } = follow(t, api)
  ;(await next()).json(200, listOf(9, [{ ...box('a', 1), size: 'large' }, box('b', 2)]))
  await reflector.synced
  assert.deepEqual([...reflector.store.keys()], ['shop/b'])
  assert.match(reflector.unreadable.get('shop/a')?.why ?? '', /size/)
})
