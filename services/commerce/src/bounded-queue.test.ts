import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedQueue } from './bounded-queue.ts'

const limits = { name: 'a test', concurrency: 2, maxWaiting: 2, deadlineMs: 60_000 }

/** Work that goes on until it is told to end. */
function heldWork() {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { work: () => promise, finish: () => resolve('done') }
}

test('so many run at once, the next ones wait their turn, more are refused at once', async () => {
  const queue = new BoundedQueue(limits)
  const held = Array.from({ length: 4 }, heldWork)
  const running = held.map(({ work }) => queue.run(work))
  assert.equal(queue.waiting, 2)
  await assert.rejects(
    queue.run(() => Promise.resolve('fifth')),
    { code: 'busy', kind: 'unavailable', retryAfterSeconds: 2 },
  )
  held[0]?.finish()
  assert.equal(await running[0], 'done')
  assert.equal(queue.waiting, 1)
  for (const { finish } of held) finish()
  assert.deepEqual(await Promise.all(running), ['done', 'done', 'done', 'done'])
  assert.equal(await queue.run(() => Promise.resolve('free again')), 'free again')
})

test('who waits past the deadline is refused, and leaves its place', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const queue = new BoundedQueue({ ...limits, concurrency: 1 })
  const held = heldWork()
  const first = queue.run(held.work)
  const late = assert.rejects(
    queue.run(() => Promise.resolve('late')),
    { code: 'busy' },
  )
  t.mock.timers.tick(60_000)
  await late
  assert.equal(queue.waiting, 0)
  held.finish()
  assert.equal(await first, 'done')
  assert.equal(await queue.run(() => Promise.resolve('next')), 'next')
})

test('work that fails gives its place back', async () => {
  const queue = new BoundedQueue({ ...limits, concurrency: 1 })
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.equal(await queue.run(() => Promise.resolve('next')), 'next')
})
