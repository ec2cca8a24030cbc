import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { consumed, counted } from './counted.ts'

/** A limit that never refuses and remembers what it counts. */
function aLimit() {
  let used = 0
  const limit = {
    consume: () => Promise.resolve(void (used += 1)),
    giveBack: () => Promise.resolve(void (used -= 1)),
    check: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  }
  return { tries: [{ limit, key: 'k' }], used: () => used }
}

const busy = () => Promise.reject(new UnavailableError('busy', { code: 'busy' }))

test('what was too busy to be looked at costs nothing, a failure that costs does, a success does not', async () => {
  const { tries, used } = aLimit()
  const costs = (error: unknown) => error instanceof RangeError
  await assert.rejects(counted(tries, costs, busy))
  assert.equal(used(), 0)
  await assert.rejects(counted(tries, costs, () => Promise.reject(new RangeError('wrong'))))
  assert.equal(used(), 1)
  assert.equal(await counted(tries, costs, () => Promise.resolve(7)), 7)
  assert.equal(used(), 1)
})

test('what counts whenever it was looked at counts when it succeeds, and not when it was too busy', async () => {
  const { tries, used } = aLimit()
  await consumed(tries, () => Promise.resolve())
  await assert.rejects(consumed(tries, busy))
  assert.equal(used(), 1)
})
