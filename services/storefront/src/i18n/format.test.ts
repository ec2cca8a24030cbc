import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatClock, formatCount, formatMoney, times } from './format.ts'

test('won has no minor unit, dollars have two digits', () => {
  assert.equal(formatMoney({ amount: 12_900, currency: 'KRW' }, 'ko'), '12,900원')
  assert.equal(formatMoney({ amount: 12_900, currency: 'KRW' }, 'en'), '₩12,900')
  assert.equal(formatMoney({ amount: 1_299, currency: 'USD' }, 'en'), '$12.99')
})

test('a total is the price times the quantity, in whole minor units', () => {
  assert.deepEqual(times({ amount: 12_900, currency: 'KRW' }, 3), { amount: 38_700, currency: 'KRW' })
})

test('large counts are shortened as the language does', () => {
  assert.equal(formatCount(1_234, 'en'), '1,234')
  assert.equal(formatCount(12_345, 'ko'), '1.2만')
  assert.equal(formatCount(12_345, 'en'), '12.3K')
})

test('a clock never shows less time than is left, nor less than nothing', () => {
  assert.equal(formatClock(599.2), '10:00')
  assert.equal(formatClock(65), '1:05')
  assert.equal(formatClock(-3), '0:00')
})
