import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../gateways/payment-gateway.ts'
import { decideWindow } from './decide-window.ts'

const held: Outcome = { status: 'HELD', reference: 'r', amount: 1, currency: 'KRW' }
const paid: Outcome = { status: 'PAID', reference: 'r', amount: 1, currency: 'KRW', refunded: 0 }
const declined: Outcome = { status: 'DECLINED', reason: 'expired_card', code: 'X' }
const table: [outcome: Outcome, over: string | undefined, decision: string][] = [
  [held, undefined, 'approve'],
  [paid, undefined, 'approve'],
  [paid, 'buyer_left', 'approve'], // the money is there whatever the buyer said
  [held, 'buyer_left', 'ask_again'], // it is to be let go first
  [declined, undefined, 'DECLINED expired_card'],
  [declined, 'limit_exceeded', 'DECLINED limit_exceeded'],
  [declined, 'buyer_left', 'CANCELED buyer_left'],
  [declined, 'order_released', 'CANCELED order_released'],
  [{ status: 'EXPIRED' }, undefined, 'CANCELED expired'],
  [{ status: 'EXPIRED' }, 'buyer_left', 'CANCELED buyer_left'],
  [{ status: 'NOT_FOUND' }, undefined, 'wait'],
  [{ status: 'NOT_FOUND' }, 'expired', 'CANCELED expired'],
  [{ status: 'PENDING' }, undefined, 'wait'],
  [{ status: 'PENDING' }, 'expired', 'ask_again'],
  [{ status: 'UNCLEAR', code: 'C' }, undefined, 'ask_again'],
  [{ status: 'UNCLEAR', code: 'C' }, 'expired', 'ask_again'],
]
for (const [outcome, over, expected] of table) {
  test(`a window of which the gateway says ${outcome.status}, ${over ?? 'not given up'}: ${expected}`, () => {
    const decision = decideWindow(outcome, over)
    const said = decision.kind === 'end' ? `${decision.ending.to} ${decision.ending.reason}` : decision.kind
    assert.equal(said, expected)
    if (decision.kind === 'end') assert.equal(decision.ending.claimed, undefined)
  })
}
