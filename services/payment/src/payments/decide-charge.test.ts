import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../gateways/payment-gateway.ts'
import { decideCharge } from './decide-charge.ts'

const facts = {
  amount: { amount: 12_900, currency: 'KRW' },
  chargeBy: new Date(60_000),
  lateChargeMs: 5_000,
  now: new Date(30_000),
}
const table: [name: string, outcome: Outcome, over: Partial<typeof facts>, kind: string][] = [
  ['paid', { status: 'PAID', reference: 'r', amount: 12_900, currency: 'KRW', refunded: 0 }, {}, 'paid'],
  [
    'paid another amount',
    { status: 'PAID', reference: 'r', amount: 12_901, currency: 'KRW', refunded: 0 },
    {},
    'other_money',
  ],
  [
    'paid in another currency',
    { status: 'PAID', reference: 'r', amount: 12_900, currency: 'JPY', refunded: 0 },
    {},
    'other_money',
  ],
  ['declined', { status: 'DECLINED', reason: 'card_declined', code: 'X' }, {}, 'declined'],
  ['window over', { status: 'EXPIRED' }, {}, 'canceled'],
  ['held, not taken', { status: 'HELD', reference: 'r', amount: 12_900, currency: 'KRW' }, {}, 'ask_again'],
  [
    'nobody paid in yet',
    { status: 'WAITING_DEPOSIT', reference: 'r', amount: 12_900, currency: 'KRW', account: undefined },
    {},
    'ask_again',
  ],
  ['being worked on', { status: 'PENDING' }, {}, 'ask_again'],
  ['unclear', { status: 'UNCLEAR', code: 'NO_ANSWER' }, { now: new Date(9e12) }, 'ask_again'],
  ['not found while a charge may be on its way', { status: 'NOT_FOUND' }, {}, 'ask_again'],
  ['not found, at the last moment', { status: 'NOT_FOUND' }, { now: new Date(65_000) }, 'ask_again'],
  ['not found when none can take effect', { status: 'NOT_FOUND' }, { now: new Date(65_001) }, 'canceled'],
]

for (const [name, outcome, over, kind] of table) {
  test(`a payment that the gateway calls ${name}: ${kind}`, () => {
    assert.equal(decideCharge(outcome, { ...facts, ...over }).kind, kind)
  })
}
