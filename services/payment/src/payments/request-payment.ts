import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { InternalOrder } from '@mytaek1/contracts/service-events.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction, isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { isExpired, summarize } from '../cards/card.ts'
import { CardTokenInvalidError, type CardTokens, type OpenedCard } from '../cards/card-token.ts'
import { CardTokenUsedError, IdempotencyKeyReusedError, OrderNotPayableError, PaymentExistsError } from './errors.ts'
import type { ReadOrder } from './orders.ts'
import { Payment } from './payment.ts'
import type { PaymentProcessor } from './process-payment.ts'

/** Collaborators of requestPayment. */
export interface RequestPaymentDeps {
  db: Knex
  tokens: CardTokens
  readOrder: ReadOrder
  processor: PaymentProcessor
  gatewayName: string
  now: () => Date
}

/**
 * Accepts a payment and lets it be processed after the answer.
 *
 * A repeated key is answered with the payment it made. The card goes to this process's memory only: should the process
 * die before the card network answers, the payment ends by what the network says of it (reconcile.ts).
 *
 * @throws {OrderNotPayableError | PaymentExistsError | CardTokenUsedError | IdempotencyKeyReusedError | NotFoundError}
 */
export async function requestPayment(
  deps: RequestPaymentDeps,
  input: { buyerId: string; orderId: string; cardToken: string; idempotencyKey: string },
): Promise<Payment> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify([input.orderId, input.cardToken]))
    .digest('hex')
  const known = await findByKey(deps.db, input, requestHash)
  if (known) return known
  const order = await deps.readOrder(input.orderId)
  refuseUnpayable(order, input.buyerId, deps.now())
  const opened = await deps.tokens.open(input.cardToken, input.buyerId)
  if (isExpired(opened.card, deps.now())) throw new CardTokenInvalidError('the card expired')
  const release = deps.processor.admit() // refuses with 503 before anything is written, when too many wait
  try {
    const payment = await insert(deps, { ...input, order, opened, requestHash })
    release.start(payment, opened.card)
    return payment
  } catch (error) {
    release.cancel()
    if (!isDuplicateKey(error)) throw error
    // A second request with the same key won the race: it is answered like the first.
    const winner = await findByKey(deps.db, input, requestHash)
    if (winner) return winner
    throw duplicateError(error, input.orderId)
  }
}

async function findByKey(
  db: Knex,
  input: { buyerId: string; idempotencyKey: string },
  requestHash: string,
): Promise<Payment | undefined> {
  const found = await Payment.query(db).findOne({ buyer_id: input.buyerId, idempotency_key: input.idempotencyKey })
  if (found && found.request_hash !== requestHash) throw new IdempotencyKeyReusedError()
  return found
}

function refuseUnpayable(order: InternalOrder, buyerId: string, now: Date): void {
  if (order.buyerId !== buyerId) throw new NotFoundError('order', order.id) // others' orders do not exist for a buyer
  if (order.state !== 'RESERVED') throw new OrderNotPayableError(order.id, `it is ${order.state}`)
  if (order.expiresAt !== null && new Date(order.expiresAt) <= now) {
    throw new OrderNotPayableError(order.id, 'its reservation ran out')
  }
}

async function insert(
  deps: RequestPaymentDeps,
  input: { buyerId: string; idempotencyKey: string; order: InternalOrder; opened: OpenedCard; requestHash: string },
): Promise<Payment> {
  const { order, opened } = input
  const now = deps.now()
  const summary = summarize(opened.card)
  return await inTransaction(deps.db, async (trx) => {
    await trx('used_card_tokens').insert({ id: opened.id, used_at: now })
    return await Payment.query(trx).insertAndFetch({
      id: newId('pay'),
      order_id: order.id,
      buyer_id: input.buyerId,
      seller_id: order.sellerId,
      amount: order.total.amount,
      currency: order.total.currency,
      state: 'REQUESTED',
      card_brand: summary.brand,
      card_last4: summary.last4,
      gateway: deps.gatewayName,
      idempotency_key: input.idempotencyKey,
      request_hash: input.requestHash,
      created_at: now,
      updated_at: now,
      next_attempt_at: deps.processor.giveUpAt(now),
    })
  })
}

function duplicateError(error: unknown, orderId: string): Error {
  const message = error instanceof Error ? error.message : ''
  return message.includes('used_card_tokens') ? new CardTokenUsedError() : new PaymentExistsError(orderId)
}
