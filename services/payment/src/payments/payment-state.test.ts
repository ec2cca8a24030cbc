import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayMove, paymentStates } from './payment-state.ts'

test('money is given back only after it was taken', () => {
  assert.deepEqual(
    paymentStates.filter((state) => mayMove(state, 'REFUNDED')),
    ['CAPTURED', 'PARTIALLY_REFUNDED'],
  )
})

test('a payment ends in REFUNDED for good, and in DECLINED or CANCELED unless money is found afterwards', () => {
  const final = paymentStates.filter((from) => paymentStates.every((to) => !mayMove(from, to)))
  assert.deepEqual(final, ['REFUNDED'])
  for (const from of ['DECLINED', 'CANCELED'] as const) {
    assert.deepEqual(
      paymentStates.filter((to) => mayMove(from, to)),
      ['UNKNOWN'],
    )
  }
})

test('UNKNOWN is never left for another charge', () => {
  assert.deepEqual(
    paymentStates.filter((to) => mayMove('UNKNOWN', to)),
    ['UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED', 'WAITING_DEPOSIT'],
  )
})
