import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idSeries, newId } from './ids.ts'

test('ids made later sort later', () => {
  const ids = [0, 1, 1_000, 1_700_000_000_000, 1_700_000_000_001].map((now) => newId('o', now))
  assert.deepEqual([...ids].sort(), ids)
})

test('a thousand ids of one millisecond differ', () => {
  const ids = Array.from({ length: 1_000 }, () => newId('o', 1_700_000_000_000))
  assert.equal(new Set(ids).size, 1_000)
  assert.match(ids[0] ?? '', /^o_[0-9a-z]{26}$/)
})

test('a series of ids sorts as it was made and shares its time and 13 random characters', () => {
  const next = idSeries('o', 1_700_000_000_000)
  const ids = Array.from({ length: 32_768 }, next)
  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(new Set(ids.map((id) => id.slice(0, -3))).size, 1)
  assert.match(ids.at(-1) ?? '', /^o_[0-9a-z]{23}zzz$/)
  assert.throws(next, RangeError)
  assert.notEqual(idSeries('o', 1_700_000_000_000)(), ids[0])
})
