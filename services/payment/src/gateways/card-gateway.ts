import type { Money } from '@mytaek1/contracts/money.ts'
import type { Card } from '../cards/card.ts'

/** What a card network says of one authorisation. `reference` is its own id for it, amounts are minor units. */
export type AuthorizationStatus =
  | { status: 'AUTHORIZED' | 'CAPTURED' | 'VOIDED'; reference: string; amount: number; refundedAmount: number }
  | { status: 'DECLINED'; reason: string }
  | { status: 'NOT_FOUND' }

/** What a card network says of one refund: this one alone, whatever else was given back of the payment. */
export type RefundStatus = { status: 'REFUNDED'; amount: number } | { status: 'REFUSED'; reason: string }

/**
 * A card network as the payment service needs it. Every call carries a key made from the payment's id and the verb,
 * unchanged on every retry, so the network does each thing once.
 *
 * A call that gets no clear answer throws GatewayUnclearError: the thing may or may not have happened; ask `find`.
 */
export interface CardGateway {
  readonly name: string
  authorize(input: { key: string; amount: Money; card: Card }): Promise<AuthorizationStatus>
  /** The state of the authorisation made under `key`. */
  find(key: string): Promise<AuthorizationStatus>
  /** As `find`, and if the network never saw `key` it will refuse it from now on, however late it arrives. */
  abandon(key: string): Promise<AuthorizationStatus>
  capture(key: string): Promise<AuthorizationStatus>
  void(key: string): Promise<AuthorizationStatus>
  refund(input: { key: string; refundKey: string; amount: Money }): Promise<RefundStatus>
}

/** The network did not answer in time or with sense; nothing may be concluded from it. */
export class GatewayUnclearError extends Error {
  constructor(operation: string, options: { cause?: unknown } = {}) {
    super(`The card network gave no clear answer to ${operation}`, options)
  }
}
