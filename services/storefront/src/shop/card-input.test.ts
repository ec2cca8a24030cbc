import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupCardNumber, groupExpiry, readCard } from './card-input.ts'

const now = new Date('2026-11-22T00:00:00Z')
const good = { number: '4242 4242 4242 4242', expiry: '12/30', cvc: '123' }

test('a card number is grouped as it is printed', () => {
  assert.equal(groupCardNumber('4242424242424242'), '4242 4242 4242 4242')
  assert.equal(groupCardNumber('378282246310005'), '3782 822463 10005')
  assert.equal(groupCardNumber('4242-42x'), '4242 42')
  assert.equal(groupCardNumber('1'.repeat(40)).replaceAll(' ', '').length, 19)
})

test('an expiry becomes MM/YY while it is typed', () => {
  assert.equal(groupExpiry('1'), '1')
  assert.equal(groupExpiry('4'), '04')
  assert.equal(groupExpiry('1230'), '12/30')
  assert.equal(groupExpiry('12/2030'), '12/30')
})

test('a good card is read as the payment service takes it', () => {
  const expected = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2030, cvc: '123' }
  assert.deepEqual(readCard(good, now), { card: expected })
})

test('every wrong field is named at once', () => {
  assert.deepEqual(readCard({ number: '4242 4242 4242 4241', expiry: '13/30', cvc: '12' }, now), {
    wrong: ['number', 'expiry', 'cvc'],
  })
})

test('a card is good to the end of its month', () => {
  assert.ok('card' in readCard({ ...good, expiry: '11/26' }, now))
  assert.deepEqual(readCard({ ...good, expiry: '10/26' }, now), { wrong: ['expiry'] })
})
