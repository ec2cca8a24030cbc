import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passesLuhn } from './luhn.ts'

test('published test numbers pass and the same numbers with one digit changed fail', () => {
  for (const number of ['4242424242424242', '4000000000000002', '378282246310005', '5555555555554444']) {
    assert.equal(passesLuhn(number), true, number)
    const changed = number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10)
    assert.equal(passesLuhn(changed), false, changed)
  }
  assert.equal(passesLuhn(''), false)
})
