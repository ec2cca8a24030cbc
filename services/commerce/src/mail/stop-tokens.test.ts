import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStopTokens } from './stop-tokens.ts'

const of = { followerId: 'acc_ann', sellerId: 'acc_bo' }

test('a token says whose mails of whom are to stop, also after the key was changed, and nobody else makes one', () => {
  const token = createStopTokens(['the old secret']).make(of)
  assert.deepEqual(createStopTokens(['the new secret', 'the old secret']).read(token), of)
  assert.equal(createStopTokens(['another secret']).read(token), undefined)
})

test('what is changed in a token, or is none, stops nothing', () => {
  const tokens = createStopTokens(['a secret'])
  const token = tokens.make(of)
  for (const other of [token.replace('ann', 'eve'), token.replace('bo', 'eve'), token.slice(0, -2), '', '..', 'x'])
    assert.equal(tokens.read(other), undefined, other)
})
