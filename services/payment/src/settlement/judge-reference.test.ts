import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeReference, type BothSides } from './judge-reference.ts'

const ours = { currency: 'KRW', charged: 10_000, mustBeCharged: true, returned: 0, mustBeReturned: 0 }
const theirs = { currency: 'KRW', payoutCurrency: 'KRW', charged: 10_000, returned: 0, fee: 319, payout: 9_681 }
const both = (over: {
  paymentId?: null
  ours?: Partial<BothSides['ours']>
  theirs?: Partial<BothSides['theirs']>
}): BothSides => {
  const settled = { ...theirs, ...over.theirs }
  return {
    paymentId: over.paymentId === null ? null : 'pay_1',
    ours: { ...ours, ...over.ours },
    theirs: { gross: settled.charged - settled.returned, ...settled },
  }
}
const none = { charged: 0, returned: 0, fee: 0, payout: 0 }

test('a payment and its settlement are compared to the won', () => {
  const table: [what: string, sides: BothSides, kind: string | undefined][] = [
    ['both the same', both({}), undefined],
    ['nobody here knows it', both({ paymentId: null }), 'unknown_reference'],
    ['the gateway has money of a payment that failed', both({ ours: { charged: 0 } }), 'charged_not_taken'],
    ['a won more', both({ theirs: { charged: 10_001, payout: 9_682 } }), 'charge_differs'],
    ['taken yesterday, not settled yet', both({ ours: { mustBeCharged: false }, theirs: none }), undefined],
    ['taken long ago, in no settlement', both({ theirs: none }), 'not_settled'],
    [
      'somebody refunded at the gateway’s own desk',
      both({ theirs: { returned: 1, payout: 9_680 } }),
      'refunded_not_by_us',
    ],
    ['our refund of today', both({ ours: { returned: 4_000 } }), undefined],
    ['our refund of long ago', both({ ours: { returned: 4_000, mustBeReturned: 4_000 } }), 'refund_not_settled'],
    [
      'a refund on both sides',
      both({ ours: { returned: 4_000 }, theirs: { returned: 4_000, payout: 5_681 } }),
      undefined,
    ],
    [
      'paid out in another currency',
      both({ theirs: { payoutCurrency: 'USD', gross: 740, fee: 24, payout: 716 } }),
      undefined,
    ],
    ['paid in another currency', both({ theirs: { currency: 'JPY' } }), 'currency_differs'],
    ['their own sum is wrong', both({ theirs: { payout: 9_000 } }), 'sum_differs'],
  ]
  for (const [what, sides, kind] of table) assert.equal(judgeReference(sides)?.kind, kind, what)
})
