/** Amounts as people write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf, decimalOf } from './money-text.ts'

test('an amount is written with the decimals of its currency, and read as the same', () => {
  const cases: [number, string, string][] = [
    [12_900, 'KRW', '12900'],
    [1_299, 'USD', '12.99'],
    [5, 'USD', '0.05'],
    [1_000_000_000_000, 'USD', '10000000000.00'],
    [1_234, 'KWD', '1.234'],
  ]
  for (const [amount, currency, text] of cases) {
    assert.equal(decimalOf({ amount, currency }), text)
    assert.equal(amountOf(text, currency), amount)
  }
})

test('a number is taken without needless zeros, and not with more decimals than the currency has', () => {
  assert.equal(amountOf('12900.00', 'KRW'), 12_900)
  assert.equal(amountOf('12.9', 'USD'), 1_290)
  for (const text of ['12900.5', '-1', '1e3', '', ' 1', '1.', '.5', '12,900', '99999999999999']) {
    assert.equal(amountOf(text, 'KRW'), undefined, text)
  }
})
