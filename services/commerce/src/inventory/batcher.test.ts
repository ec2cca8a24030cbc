import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { Batcher, QueueClosedError, QueueDeadlineError, QueueFullError, type RunBatch } from './batcher.ts'

const limits = { maxBatch: 100, maxBatchBeside: 100, maxWaitingPerKey: 1_000, maxWaiting: 10_000, deadlineMs: 120_000 }
const never = () => undefined
const batcher = (
  run: RunBatch<number, number>,
  more: Partial<typeof limits> = {},
  retry: () => number | undefined = never,
) => new Batcher({ run, retryDelayMs: retry, limits: { ...limits, ...more } })
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
const double = (items: readonly number[]) => items.map((item) => item * 2)

test('what arrives while a batch runs is the next batch', async () => {
  const sizes: number[] = []
  const gate = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const queue = batcher(async (_key, items) => {
    sizes.push(items.length)
    started.resolve()
    await gate.promise
    return double(items)
  })
  const first = queue.add('a', 1)
  await started.promise
  const others = [2, 3, 4].map((item) => queue.add('a', item))
  gate.resolve()
  assert.deepEqual(await Promise.all([first, ...others]), [2, 4, 6, 8])
  assert.deepEqual(sizes, [1, 3])
})

test('a key does not wait for another one', async () => {
  const gate = Promise.withResolvers<void>()
  const queue = batcher(async (key, items) => {
    if (key === 'slow') await gate.promise
    return double(items)
  })
  const slow = queue.add('slow', 1)
  assert.equal(await queue.add('quick', 2), 4)
  gate.resolve()
  assert.equal(await slow, 2)
})

test('a large batch is answered in turns of the event loop, and the next batch does not wait for that', async () => {
  const events: string[] = []
  const queue = batcher(
    (key, items) => {
      if (items.includes(999)) events.push('next batch')
      return Promise.resolve(double(items))
    },
    { maxBatch: 300 },
  )
  const answers = Array.from({ length: 300 }, async (_, item) => {
    await queue.add('a', item)
    if (item === 0) setImmediate(() => events.push('event loop'))
    if (item === 299) events.push('last answer')
  })
  answers.push(queue.add('a', 999).then(() => undefined))
  await Promise.all(answers)
  assert.deepEqual(events.slice(0, 2).toSorted(), ['event loop', 'next batch'])
  assert.equal(events.at(-1), 'last answer')
})

test('a batch is no larger than its bound and keeps the order of arrival', async () => {
  const seen: number[][] = []
  const queue = batcher(
    (_key, items) => {
      seen.push([...items])
      return Promise.resolve(double(items))
    },
    { maxBatch: 2 },
  )
  await Promise.all([1, 2, 3, 4, 5].map((item) => queue.add('a', item)))
  assert.deepEqual(seen, [[1, 2], [3, 4], [5]])
})

test('a key has small batches beside another one, also between the batches of that one, and large ones alone', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const sizes: number[] = []
  const queue = batcher(
    (key, items) => {
      if (key === 'busy') sizes.push(items.length)
      return Promise.resolve(double(items))
    },
    { maxBatch: 4, maxBatchBeside: 2 },
  )
  const add = (key: string, count: number) => Array.from({ length: count }, (_, item) => queue.add(key, item))
  await Promise.all(add('busy', 8))
  assert.deepEqual(sizes.splice(0), [4, 4])
  await Promise.all([...add('busy', 4), ...add('other', 1)])
  assert.deepEqual(sizes.splice(0), [2, 2])
  await Promise.all(add('busy', 4))
  assert.deepEqual(sizes.splice(0), [2, 2])
  t.mock.timers.tick(1_000)
  await Promise.all(add('busy', 8))
  assert.deepEqual(sizes, [4, 4])
})

test('a whole batch that waits begins when the one before has handed over, and never a third beside two', async () => {
  const running: { items: readonly number[]; handOver: () => void; end: () => void }[] = []
  const begun = new EventEmitter()
  const queue = batcher(
    async (_key, items, handOver) => {
      const gate = Promise.withResolvers<void>()
      running.push({ items, handOver, end: gate.resolve })
      begun.emit('batch')
      await gate.promise
      return double(items)
    },
    { maxBatch: 2 },
  )
  const nextBatch = async () => void (await once(begun, 'batch', { signal: AbortSignal.timeout(60_000) }))
  const answers = [1, 2, 3, 4, 5, 6, 7].map((item) => queue.add('a', item))
  await nextBatch()
  running[0]?.handOver()
  await nextBatch()
  running[1]?.handOver()
  await turns(10)
  assert.deepEqual(
    running.map(({ items }) => items),
    [
      [1, 2],
      [3, 4],
    ],
  )
  running[0]?.end()
  await nextBatch()
  running[2]?.handOver()
  running[1]?.end()
  await turns(10)
  assert.equal(running.length, 3, 'the fourth is not a whole batch: it waits for the end of the third')
  running[2]?.end()
  await nextBatch()
  running[3]?.end()
  assert.deepEqual(await Promise.all(answers), [2, 4, 6, 8, 10, 12, 14])
})

test('a batch that fails after it has handed over is tried again beside the next one, and both are answered', async () => {
  let failed = false
  const queue = batcher(
    async (_key, items, handOver) => {
      handOver()
      await turns(2)
      if (items.includes(1) && !failed) {
        failed = true
        throw new Error('gone')
      }
      return double(items)
    },
    { maxBatch: 2 },
    () => 1,
  )
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 6].map((item) => queue.add('a', item))), [2, 4, 6, 8, 10, 12])
  assert.ok(failed)
})

test('a failure that may pass is tried again with the same items first', async () => {
  const seen: number[][] = []
  const queue = batcher(
    (_key, items) => {
      seen.push([...items])
      if (seen.length < 3) return Promise.reject(new Error('gone'))
      return Promise.resolve(double(items))
    },
    {},
    () => 1,
  )
  assert.deepEqual(await Promise.all([queue.add('a', 1), queue.add('a', 2)]), [2, 4])
  assert.deepEqual(seen, [
    [1, 2],
    [1, 2],
    [1, 2],
  ])
})

test('an item past its deadline is refused, with the reason as its cause', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  const gone = new Error('gone')
  const fail = () => {
    t.mock.timers.tick(1_000)
    return Promise.reject(gone)
  }
  const queue = batcher(fail, { deadlineMs: 1_000 }, () => 1)
  await assert.rejects(queue.add('a', 1), (error) => error instanceof QueueDeadlineError && error.cause === gone)
  assert.equal(queue.size, 0)
})

test('one item that cannot work does not take the others with it', async () => {
  const queue = batcher((_key, items) =>
    items.includes(13) ? Promise.reject(new Error('unlucky')) : Promise.resolve(double(items)),
  )
  const answers = await Promise.allSettled([11, 12, 13, 14].map((item) => queue.add('a', item)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
})

test('the queue is bounded, of one key and of all', async () => {
  const queue = batcher((_key, items) => Promise.resolve(double(items)), { maxWaitingPerKey: 2, maxWaiting: 3 })
  const taken = [queue.add('a', 1), queue.add('a', 2), queue.add('b', 3)]
  await assert.rejects(queue.add('a', 4), QueueFullError)
  await assert.rejects(queue.add('c', 5), QueueFullError)
  assert.deepEqual(await Promise.all(taken), [2, 4, 6])
  assert.equal(await queue.add('a', 6), 12)
})

test('draining answers what was taken and refuses what comes', async () => {
  const queue = batcher((_key, items) => Promise.resolve(double(items)))
  const taken = queue.add('a', 1)
  const drained = queue.drain()
  await assert.rejects(queue.add('a', 2), QueueClosedError)
  assert.equal(await taken, 2)
  await drained
})
