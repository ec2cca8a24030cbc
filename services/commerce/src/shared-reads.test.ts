import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, SharedReads } from './shared-reads.ts'

const textOf = async (answer: Promise<{ json: Buffer }>) => (await answer).json.toString()

test('a crowd has one answer made, and for a second after its making began nobody has another made', async () => {
  let now = 0
  let made = 0
  const reads = new SharedReads({}, () => now)
  const begun = Promise.withResolvers<void>()
  const read = () =>
    reads.read('show', async () => {
      made += 1
      await begun.promise
      return { body: { made } }
    })
  const crowd = Array.from({ length: 100 }, read)
  now = 600 // the database takes its time
  begun.resolve()
  assert.deepEqual([...new Set(await Promise.all(crowd.map(textOf)))], ['{"made":1}'])
  now = 999
  assert.equal(await textOf(read()), '{"made":1}')
  now = 1_000
  assert.equal(await textOf(read()), '{"made":2}')
})

test('a failure goes to those who waited, and is kept for nobody', async () => {
  const reads = new SharedReads({}, () => 0)
  const failing = () => reads.read('show', () => Promise.reject(new Error('no database')))
  const [first, second] = await Promise.allSettled([failing(), failing()])
  assert.deepEqual([first.status, second.status], ['rejected', 'rejected'])
  assert.equal(await textOf(reads.read('show', async () => ({ body: { well: true } }))), '{"well":true}')
})

test('what was being read when something changed is not kept', async () => {
  const reads = new SharedReads({}, () => 0)
  const old = Promise.withResolvers<{ body: object }>()
  const early = reads.read('show', () => old.promise)
  reads.forget()
  const late = reads.read('show', async () => ({ body: { price: 2 } }))
  old.resolve({ body: { price: 1 } })
  assert.equal(await textOf(early), '{"price":1}')
  assert.equal(await textOf(late), '{"price":2}')
  assert.equal(await textOf(reads.read('show', async () => ({ body: { price: 3 } }))), '{"price":2}')
})

test('a broadcast is forgotten with the lists that show it, and no other', async () => {
  const reads = new SharedReads({}, () => 0)
  let made = 0
  const ask = (key: string) => textOf(reads.read(key, async () => ({ body: [(made += 1)] })))
  const keys = [keyOf('broadcast', { id: 'b-1' }), keyOf('broadcast', { id: 'b-2' }), keyOf('broadcasts', {})]
  for (const key of keys) await ask(key)
  reads.forgetBroadcast('b-1')
  const again: string[] = []
  for (const key of keys) again.push(await ask(key))
  assert.deepEqual(again, ['[4]', '[2]', '[5]'])
})

test('answers and bytes are bounded: the oldest go first, and one that is too large is not kept', async () => {
  const reads = new SharedReads({ maxEntries: 3, maxBytes: 100 }, () => 0)
  const ask = (key: string, length: number) => reads.read(key, async () => ({ body: ['x'.repeat(length)] }))
  for (let n = 0; n < 10; n += 1) await ask(`k${n}`, 4)
  assert.deepEqual(reads.size, { entries: 3, bytes: 30 })
  await ask('large', 75)
  assert.deepEqual(reads.size, { entries: 2, bytes: 94 })
  await ask('too large', 200)
  assert.deepEqual(reads.size, { entries: 2, bytes: 94 })
  reads.forget()
  assert.deepEqual(reads.size, { entries: 0, bytes: 0 })
})
