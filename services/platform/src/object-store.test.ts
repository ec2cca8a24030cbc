import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { connectObjectStore } from './object-store.ts'
import { testBucket } from './testing/bucket.ts'

const config = testBucket()
const store = connectObjectStore(config)
after(() => store.close())

test('before a first file there is nothing, and the first file makes the bucket', async () => {
  assert.equal(await store.open('a/1'), undefined)
  assert.equal(await store.read('a/1', { maxBytes: 10 }), undefined)
  assert.deepEqual(await store.list('a/'), [])
  await store.put('a/1', Buffer.from('one'), { contentType: 'text/plain' })
  assert.equal(String(await store.read('a/1', { maxBytes: 3 })), 'one')
})

test('a list has the names of its prefix alone, also those beyond the first thousand', async () => {
  const numbers = Array.from({ length: 1_100 }, (_, index) => index)
  while (numbers.length > 0) {
    const batch = numbers.splice(0, 50)
    await Promise.all(batch.map((number) => store.put(`l/${number}`, Buffer.from('x'), { contentType: 'text/plain' })))
  }
  const names = await store.list('l/')
  assert.equal(new Set(names).size, 1_100)
  assert.ok(names.every((name) => name.startsWith('l/')))
})

test('a file larger than its reader takes is refused', async () => {
  await store.put('big', Buffer.alloc(2_000_000), { contentType: 'text/plain' })
  await assert.rejects(store.read('big', { maxBytes: 1_000_000 }), RangeError)
})

test('a store that says nothing is given up by a signal', async (t) => {
  const stop = new AbortController()
  const gaveUp = new Error('the caller gave up')
  const silent = createServer(() => stop.abort(gaveUp)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const mute = connectObjectStore({ ...config, endpoint: `http://127.0.0.1:${address.port}` })
  t.after(() => mute.close())
  const put = mute.put('a', Buffer.from('x'), { contentType: 'text/plain', signal: stop.signal })
  // else the store's own deadlines end it, which call it otherwise
  await assert.rejects(put, (error: Error) => error === gaveUp || error.name === 'AbortError')
})
