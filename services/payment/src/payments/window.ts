/**
 * Payments in a gateway's window:
 *   opened     a row, then `begin`: the answer to POST /payments says where the browser goes; nothing is claimed
 *   returned   the gateway leads the browser to `/payments/{id}/returns/{token}`: what it brought is noted, once, and the
 *              driver claims the order and approves; or it learns that the buyer left
 *   over       the buyer did not come back until the window's or the reservation's end: the gateway is told and asked
 * Only an approval moves money, and only a claimed order is approved, so a window that is left, lost or late costs nothing.
 */
import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { InternalOrder } from '@mytaek1/contracts/service-events.ts'
import { InvalidRequestError, NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { ClientAction, PaymentMethod } from '../gateways/payment-gateway.ts'
import { decideWindow, type WindowDecision } from './decide-window.ts'
import { wakeEnded } from './late-money.ts'
import { knownOf, Payment } from './payment.ts'
import { writeEnding, type EndingDeps } from './write-outcome.ts'

const windowMs = 30 * 60_000 // as long as gateways give a buyer to authenticate
const takenMs = 15_000

/** Collaborators of the window's steps; `publicUrl` is where browsers reach this installation. */
export interface WindowDeps {
  db: Knex
  gateways: Gateways
  publicUrl: string
  now: () => Date
  /** Has events told that were committed here. */
  deliver?: EndingDeps['deliver']
}

/** What a window is opened for. */
export interface WindowInput {
  buyerId: string
  order: InternalOrder
  method: PaymentMethod
  idempotencyKey: string
  requestHash: string
}

/** Whether a payment's buyer is in a window, as far as anybody knows. */
export const isInWindow = (payment: Pick<Payment, 'state' | 'window_until' | 'instrument' | 'left_reason'>) =>
  payment.state === 'REQUESTED' &&
  payment.window_until !== null &&
  payment.instrument === null &&
  payment.left_reason === null

/** What the browser does next about a payment. */
export function nextAction(payment: Payment): ClientAction {
  if (!isInWindow(payment) || payment.next_action === null) return { kind: 'nothing' }
  return JSON.parse(payment.next_action) as ClientAction // written by openWindow
}

/** Writes the row of a payment that is made in a window; `openWindow` follows. Nothing is claimed by it. */
export async function insertWindow({ db, gateways, now }: WindowDeps, input: WindowInput): Promise<Payment> {
  const { order, method } = input
  const { currency, amount } = order.total
  const gateway = gateways.choose({ currency, method, entry: 'window' })
  if (!gateway) throw notOffered(gateways, currency)
  const end = Math.min(now().getTime() + windowMs, order.expiresAt === null ? Infinity : Date.parse(order.expiresAt))
  return await inTransaction(
    db,
    async (trx) =>
      await Payment.query(trx).insert({
        id: newId('pay'),
        order_id: order.id,
        buyer_id: input.buyerId,
        seller_id: null,
        amount: null,
        currency,
        state: 'REQUESTED',
        refunded_amount: 0,
        card_brand: null,
        card_last4: null,
        gateway: gateway.name,
        gateway_reference: null,
        method,
        idempotency_key: input.idempotencyKey,
        request_hash: input.requestHash,
        created_at: now(),
        updated_at: now(),
        generation: 2,
        instrument: null,
        window_until: new Date(end),
        window_amount: amount,
        next_action: null,
        return_token: randomBytes(13).toString('hex'),
        left_reason: null,
        next_attempt_at: new Date(end),
      }),
  )
}

/**
 * Opens the window of a payment, or answers how to get to it again.
 *
 * @throws {UnavailableError} the gateway does not answer: the same request may come again.
 */
export async function openWindow(deps: WindowDeps, payment: Payment): Promise<Payment> {
  const { id: paymentId, window_until: until, window_amount: amount, currency, method, return_token: token } = payment
  if (!isInWindow(payment) || payment.next_action !== null) return payment
  if (until === null || amount === null || currency === null || method === null || token === null) return payment
  const opened = await deps.gateways.get(payment.gateway).begin({
    paymentId,
    amount: { amount, currency },
    method,
    returnUrl: `${deps.publicUrl}/api/payment/v1/payments/${paymentId}/returns/${token}`,
    until,
  })
  if (opened.kind === 'unclear') {
    const message = 'The payment window cannot be opened now; send the same request again'
    throw new UnavailableError(message, { code: 'gateway_unavailable', retryAfterSeconds: 2 })
  }
  const noted = { next_action: JSON.stringify(opened.next), gateway_reference: opened.reference }
  await Payment.query(deps.db).findById(paymentId).patch(noted)
  return Object.assign(payment, noted)
}

/**
 * Notes with what a buyer came back from a window; what is known already stays. The driver does the rest, at once.
 *
 * @throws {NotFoundError} no payment has this way back.
 */
export async function returnFromWindow(
  { db, gateways, now }: WindowDeps,
  input: { paymentId: string; token: string; query: URLSearchParams },
): Promise<void> {
  const { paymentId: id, token } = input
  const payment = await Payment.query(db).findOne({ id, return_token: token })
  if (!payment) throw new NotFoundError('payment', id)
  if (!isInWindow(payment)) {
    await wakeEnded(db, id, now()) // paid for all that, perhaps
    return
  }
  const returned = gateways.get(payment.gateway).readReturn(input.query)
  const differs =
    returned.kind === 'authenticated' && returned.amount !== undefined && returned.amount !== payment.window_amount
  const noted =
    returned.kind === 'failed'
      ? { left_reason: returned.reason }
      : differs
        ? { left_reason: 'amount_differs' }
        : { instrument: returned.instrument }
  await Payment.query(db)
    .where({ id, state: 'REQUESTED' })
    .whereNull('instrument')
    .whereNull('left_reason')
    .patch({ ...noted, updated_at: now() })
  await hurryReturned(db, id, now())
}

/** A payment whose buyer came back or wants it no more, or that a hint came of, is due now, unless somebody holds it: who does asks again when it lets it go. */
export async function hurryReturned(db: Knex, id: string, now: Date): Promise<void> {
  await Payment.query(db)
    .where({ id })
    .whereIn('state', ['REQUESTED', 'WAITING_DEPOSIT'])
    .whereNull('lease_owner')
    .whereRaw('(instrument IS NOT NULL OR left_reason IS NOT NULL OR hinted_at IS NOT NULL)')
    .where('next_attempt_at', '>', now)
    .patch({ next_attempt_at: now, hinted_at: null })
}

/** Asks the gateway what a window came to; one whose time is over, or that the buyer left, is given up first. */
export async function lookAtWindow(
  { gateways, now }: Pick<WindowDeps, 'gateways' | 'now'>,
  payment: Pick<Payment, 'id' | 'gateway' | 'gateway_reference' | 'window_until' | 'left_reason'>,
): Promise<WindowDecision> {
  const gateway = gateways.get(payment.gateway)
  const isOver = payment.window_until !== null && now() >= payment.window_until
  const over = payment.left_reason ?? (isOver ? 'expired' : undefined)
  const known = knownOf(payment)
  return decideWindow(over === undefined ? await gateway.find(known) : await gateway.leave(known), over)
}

/**
 * Gives a window up because its buyer chose another way to pay.
 *
 * @param owner who may write the ending
 * @returns false when it is too late for that, or not known.
 */
export async function giveUpWindow(deps: WindowDeps, payment: Payment, owner: string): Promise<boolean> {
  const { id, gateway, gateway_reference, window_until } = payment
  const left_reason = 'buyer_left'
  const taken = await Payment.query(deps.db)
    .where({ id, state: 'REQUESTED' })
    .whereNull('lease_owner')
    .whereNull('instrument')
    .patch({
      left_reason,
      lease_owner: owner,
      next_attempt_at: new Date(deps.now().getTime() + takenMs), // should this process die, another one goes on then
    })
  if (taken === 0) return false
  const decision = await lookAtWindow(deps, { id, gateway, gateway_reference, window_until, left_reason })
  if (decision.kind === 'end') return await writeEnding(deps, payment, owner, decision.ending)
  await Payment.query(deps.db)
    .where({ id, lease_owner: owner })
    .patch({ lease_owner: null, next_attempt_at: deps.now() })
  return false
}

/** The refusal of a method that nothing takes, with what there is. */
export function notOffered(gateways: Gateways, currency: string): InvalidRequestError {
  const offered = gateways.offers(currency)
  const message = offered.map(({ method, entry }) => `${method} (${entry})`).join(', ')
  const path = offered.some(({ entry }) => entry === 'card') ? 'cardToken' : 'method'
  return new InvalidRequestError(`Not paid like this in ${currency}: ${message || 'no gateway takes it'}`, [
    { path, message: path === 'cardToken' ? 'Required' : `must be one that is offered for ${currency}` },
  ])
}
