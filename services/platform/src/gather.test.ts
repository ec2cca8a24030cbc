import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Gather } from './gather.ts'

function recorded(options: { mostWaiting?: number; isOfOne?: (error: unknown) => boolean } = {}) {
  const calls: number[][] = []
  let go = Promise.withResolvers<void>()
  const gather = new Gather<number, string>({
    most: 3,
    isOfOne: () => true,
    ...options,
    work: async (items) => {
      calls.push([...items])
      await go.promise
      if (items.includes(13)) throw new Error('thirteen')
      if (items.length === 1 && items.includes(99)) throw new Error('nobody answers')
      return items.map((item) => `${item}`)
    },
  })
  return { calls, gather, release: () => go.resolve(), hold: () => (go = Promise.withResolvers<void>()) }
}

test('what arrives in one turn is done together, and so is what comes meanwhile, no more than so many', async () => {
  const { calls, gather, release } = recorded()
  const all = [1, 2].map((item) => gather.add(item))
  await nextTurn()
  assert.deepEqual(calls, [[1, 2]])
  all.push(...[3, 4, 5, 6].map((item) => gather.add(item)))
  release()
  assert.deepEqual(await Promise.all(all), ['1', '2', '3', '4', '5', '6'])
  assert.deepEqual(calls, [[1, 2], [3, 4, 5], [6]])
})

test('of a batch that fails only the bad item fails', async () => {
  const { calls, gather, release } = recorded()
  const all = [gather.add(1)]
  await nextTurn()
  all.push(...[2, 13, 4].map((item) => gather.add(item)))
  release()
  const results = await Promise.allSettled(all)
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    ['1', '2', 'failed', '4'],
  )
  assert.deepEqual(calls, [[1], [2, 13, 4], [2], [13, 4], [13], [4]])
})

test('what is nobody’s fault fails all at once, and `idle` waits for what is under way', async () => {
  const { calls, gather, release } = recorded({ isOfOne: () => false })
  const all = [gather.add(1)]
  await nextTurn()
  all.push(...[2, 13].map((item) => gather.add(item)))
  release()
  const results = await Promise.allSettled(all)
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await gather.idle()
  assert.equal(calls.length, 2)
})

test('when those that are tried alone meet what is nobody’s fault, the rest fails with it', async () => {
  const { calls, gather, release } = recorded({ isOfOne: (error) => String(error).includes('thirteen') })
  const all = [gather.add(1)]
  await nextTurn()
  all.push(...[13, 99].map((item) => gather.add(item)))
  release()
  const results = await Promise.allSettled(all)
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason))),
    ['1', 'Error: thirteen', 'Error: nobody answers'],
  )
  assert.deepEqual(calls, [[1], [13, 99], [13], [99]])
  const lone = Promise.allSettled([gather.add(99)])
  await nextTurn()
  const others = await Promise.allSettled([4, 13].map((item) => gather.add(item)))
  assert.deepEqual(
    [...(await lone), ...others].map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected'],
  )
})

test('so many wait and no more: what comes then is refused at once, and what waits is done', async () => {
  const { gather, release } = recorded({ mostWaiting: 2 })
  const all = [gather.add(1)]
  await nextTurn()
  all.push(...[2, 3].map((item) => gather.add(item)))
  await assert.rejects(gather.add(4), { code: 'busy', kind: 'unavailable' })
  release()
  assert.deepEqual(await Promise.all(all), ['1', '2', '3'])
})

test('one bad item of sixty-four costs a dozen calls, not sixty-four', async () => {
  const calls: number[] = []
  const gather = new Gather<number, number>({
    most: 64,
    isOfOne: () => true,
    work: async (items) => {
      calls.push(items.length)
      if (items.includes(20)) throw new Error('twenty')
      return items
    },
  })
  const results = await Promise.allSettled(Array.from({ length: 64 }, (_, n) => gather.add(n)))
  assert.deepEqual(
    results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : [])),
    [20],
  )
  assert.ok(calls.length <= 14, `${calls.length} calls`)
})

test('a second lane begins when half a batch waits, or beside a call that takes long', async (t) => {
  t.mock.method(performance, 'now', () => clock)
  let clock = 1_000
  const calls: number[][] = []
  const ends: (() => void)[] = []
  const gather = new Gather<number, number>({
    most: 4,
    lanes: 2,
    isOfOne: () => false,
    work: async (items) => {
      calls.push([...items])
      await new Promise<void>((resolve) => ends.push(resolve))
      return items
    },
  })
  const all = [gather.add(1)]
  await nextTurn()
  all.push(gather.add(2))
  await nextTurn()
  assert.deepEqual(calls, [[1]])
  all.push(gather.add(3))
  await nextTurn()
  assert.deepEqual(calls, [[1], [2, 3]])
  ends[0]?.()
  ends[1]?.()
  await Promise.all(all)
  await gather.idle()
  const late = [gather.add(4)]
  await nextTurn()
  late.push(gather.add(5))
  await nextTurn()
  assert.deepEqual(calls.slice(2), [[4]])
  clock += 51
  late.push(gather.add(6))
  await nextTurn()
  assert.deepEqual(calls.slice(2), [[4], [5, 6]])
  ends[2]?.()
  ends[3]?.()
  await Promise.all(late)
})

test(
  'who waits beside a call that hangs is not held up by it, though nobody else comes',
  { timeout: 60_000 },
  async () => {
    const hangs = Promise.withResolvers<void>()
    const gather = new Gather<number, number>({
      most: 64,
      lanes: 2,
      isOfOne: () => false,
      work: async (items) => {
        if (items.includes(1)) await hangs.promise
        return items
      },
    })
    const first = gather.add(1)
    await nextTurn()
    assert.equal(await gather.add(2), 2)
    hangs.resolve()
    assert.equal(await first, 1)
    await gather.idle()
  },
)
