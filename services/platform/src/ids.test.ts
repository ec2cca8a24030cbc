import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from './ids.ts'

test('ids made later sort later', () => {
  const ids = [0, 1, 1_000, 1_700_000_000_000, 1_700_000_000_001].map((now) => newId('o', now))
  assert.deepEqual([...ids].sort(), ids)
})

test('a thousand ids of one millisecond differ', () => {
  const ids = Array.from({ length: 1_000 }, () => newId('o', 1_700_000_000_000))
  assert.equal(new Set(ids).size, 1_000)
  assert.match(ids[0] ?? '', /^o_[0-9a-z]{26}$/)
})
