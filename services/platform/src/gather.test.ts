import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gather } from './gather.ts'

function recorded(options: { most?: number; isOfOne?: (error: unknown) => boolean } = {}) {
  const calls: number[][] = []
  let go = Promise.withResolvers<void>()
  const gather = new Gather<number, string>({
    most: 3,
    ...options,
    work: async (items) => {
      calls.push([...items])
      await go.promise
      if (items.includes(13)) throw new Error('thirteen')
      return items.map((item) => `${item}`)
    },
  })
  return { calls, gather, release: () => go.resolve(), hold: () => (go = Promise.withResolvers<void>()) }
}

test('a lone item is done at once, and what comes meanwhile is done together, no more than so many', async () => {
  const { calls, gather, release } = recorded()
  const all = [1, 2, 3, 4, 5].map((item) => gather.add(item))
  assert.deepEqual(calls, [[1]])
  release()
  assert.deepEqual(await Promise.all(all), ['1', '2', '3', '4', '5'])
  assert.deepEqual(calls, [[1], [2, 3, 4], [5]])
})

test('of a batch that fails only the bad item fails', async () => {
  const { calls, gather, release } = recorded()
  const all = [1, 2, 13, 4].map((item) => gather.add(item))
  release()
  const results = await Promise.allSettled(all)
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    ['1', '2', 'failed', '4'],
  )
  assert.deepEqual(calls, [[1], [2, 13, 4], [2], [13], [4]])
})

test('what is nobody’s fault fails all at once, and `idle` waits for what is under way', async () => {
  const { calls, gather, release } = recorded({ isOfOne: () => false })
  const all = [1, 2, 13].map((item) => gather.add(item))
  release()
  const results = await Promise.allSettled(all)
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await gather.idle()
  assert.equal(calls.length, 2)
})
