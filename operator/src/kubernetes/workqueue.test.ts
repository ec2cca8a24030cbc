import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { WorkQueue } from './workqueue.ts'

test('a key added many times is worked on once', async () => {
  const queue = new WorkQueue()
  for (let times = 0; times < 3; times += 1) queue.add('a')
  assert.equal(await queue.get(), 'a')
  assert.equal(queue.depth, 0)
})

test('a key added while it is worked on runs once more, and only afterwards', async () => {
  const queue = new WorkQueue()
  queue.add('a')
  assert.equal(await queue.get(), 'a')
  queue.add('a')
  queue.add('a')
  assert.equal(queue.depth, 0, 'nobody else may take it now')
  queue.done('a')
  assert.equal(await queue.get(), 'a')
  queue.done('a')
  assert.equal(queue.depth, 0)
})

test('what happened now overtakes the initial list', async () => {
  const queue = new WorkQueue()
  queue.add('old-1', 'low')
  queue.add('old-2', 'low')
  queue.add('now')
  queue.add('old-2')
  assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], ['now', 'old-2', 'old-1'])
})

test('a waiting worker gets the next key at once', async () => {
  const queue = new WorkQueue()
  const waiting = queue.get()
  queue.add('a')
  assert.equal(await waiting, 'a')
})

test('failures are tried again after 5 ms doubled each time, until forgotten', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const queue = new WorkQueue()
  const due = async (ms: number) => {
    mock.timers.tick(ms - 1)
    assert.equal(queue.depth, 0)
    mock.timers.tick(1)
    assert.equal(queue.depth, 1)
    queue.done((await queue.get()) ?? '')
  }
  for (const ms of [5, 10, 20]) {
    queue.addRateLimited('a')
    await due(ms)
  }
  queue.forget('a')
  queue.addRateLimited('a')
  await due(5)
})

test('a hundred failures at once spend the bucket: the next waits for its token', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const queue = new WorkQueue()
  for (let index = 0; index < 101; index += 1) queue.addRateLimited(`k-${index}`)
  mock.timers.tick(5)
  assert.equal(queue.depth, 100)
  mock.timers.tick(100) // ten tokens a second
  assert.equal(queue.depth, 101)
})

test('of two times to come back the earlier one counts', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const queue = new WorkQueue()
  queue.addAfter('a', 1_000)
  queue.addAfter('a', 100)
  queue.addAfter('a', 5_000)
  mock.timers.tick(100)
  assert.equal(queue.depth, 1)
  mock.timers.tick(10_000)
  assert.equal(queue.depth, 1)
})

test('a closed queue frees its workers and takes nothing', async () => {
  const queue = new WorkQueue()
  const waiting = queue.get()
  queue.close()
  assert.equal(await waiting, undefined)
  queue.add('a')
  assert.equal(await queue.get(), undefined)
})
