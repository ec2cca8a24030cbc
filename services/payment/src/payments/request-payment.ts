import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import type { InternalOrder } from '@mytaek1/contracts/service-events.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { InvalidRequestError, NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { isExpired, summarize } from '../cards/card.ts'
import { CardTokenInvalidError, type CardTokens, type OpenedCard } from '../cards/card-token.ts'
import type { PaymentMethod } from '../gateways/payment-gateway.ts'
import { claimOnce } from './charge.ts'
import type { CardLimits } from './card-limits.ts'
import type { ClaimNotes } from './claim-notes.ts'
import type { Orders } from './claim.ts'
import type { Driver, Place } from './driver.ts'
import { CardTokenUsedError, IdempotencyKeyReusedError, OrderNotPayableError, PaymentExistsError } from './errors.ts'
import { isUsedToken, type PaymentInserts } from './insert-payments.ts'
import { Payment } from './payment.ts'
import { giveUpWindow, insertWindow, isInWindow, notOffered, openWindow, type WindowDeps } from './window.ts'
import { writeEnding, type Claimed } from './write-outcome.ts'

const nothingToPay = 'none' // the gateway of an order that costs nothing

/** Collaborators of requestPayment. */
export interface RequestPaymentDeps extends WindowDeps {
  tokens: CardTokens
  orders: Orders
  driver: Driver
  notes: ClaimNotes
  inserts: PaymentInserts
  limits: CardLimits
  log: Logger
}

/** What a buyer asks for: with a card that was entered on our page, or by a method in its gateway's window. */
export interface PaymentRequest {
  buyerId: string
  /** Where the request came from. */
  address: string
  orderId: string
  cardToken: string | undefined
  method: PaymentMethod
  idempotencyKey: string
}

/**
 * Accepts a payment. With a card its row is written, then its order is claimed, and it is charged after the answer. Without,
 * the gateway's window is opened, unless nothing is to be paid (window.ts).
 *
 * A repeated key is answered with the payment it made. The card goes to this process's memory only: should the process
 * die before the gateway hears of it, the payment ends CANCELED and the reservation is free for another try.
 *
 * @throws {OrderNotPayableError | PaymentExistsError | CardTokenUsedError | IdempotencyKeyReusedError | NotFoundError}
 */
export async function requestPayment(deps: RequestPaymentDeps, input: PaymentRequest): Promise<Payment> {
  const asked = [input.orderId, input.cardToken ?? null, ...(input.method === 'card' ? [] : [input.method])]
  const requestHash = hash('sha256', JSON.stringify(asked))
  if (input.cardToken !== undefined) return await chargeCard(deps, input, requestHash)
  const known = await findByKey(deps.db, input, requestHash)
  if (known && !isInWindow(known)) return known
  const order = await readPayable(deps, input)
  if (known) return await openWindow(deps, known)
  if (order.total.amount === 0) return await chargeCard(deps, input, requestHash)
  if (input.method === 'virtual_account') return await payByDeposit(deps, { ...input, order, requestHash })
  return await payInWindow(deps, { ...input, order, requestHash })
}

/** Joins the window that is open for the same order, unless it is for another method. */
async function payInWindow(
  deps: RequestPaymentDeps,
  input: PaymentRequest & { order: InternalOrder; requestHash: string },
): Promise<Payment> {
  const { db, driver } = deps
  for (let mayReplace = true; ; mayReplace = false) {
    try {
      return await openWindow(deps, await insertWindow(deps, input))
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      const winner = await findByKey(db, input, input.requestHash)
      if (winner) return await openWindow(deps, winner)
      const open = await Payment.query(db)
        .where({ order_id: input.orderId, buyer_id: input.buyerId })
        .whereNotIn('state', ['DECLINED', 'CANCELED'])
        .first()
      if (open && isInWindow(open) && open.method === input.method) return await openWindow(deps, open)
      if (mayReplace && (!open || (await giveUpWindow(deps, open, driver.owner)))) continue
      throw new PaymentExistsError(input.orderId)
    }
  }
}

/** Takes the place of a window that is open for the same order. The account is issued after the answer, by the driver. */
async function payByDeposit(
  deps: RequestPaymentDeps,
  input: PaymentRequest & { order: InternalOrder; requestHash: string },
): Promise<Payment> {
  const { db, driver, gateways } = deps
  const { order, requestHash, method } = input
  const { currency } = order.total
  const gateway = gateways.choose({ currency, method, entry: 'deposit', live: order.live })
  if (!gateway) throw notOffered(gateways, currency)
  const open = await Payment.query(db)
    .where({ order_id: input.orderId, buyer_id: input.buyerId })
    .whereNotIn('state', ['DECLINED', 'CANCELED'])
    .first()
  if (open && !(await giveUpWindow(deps, open, driver.owner))) throw new PaymentExistsError(input.orderId)
  const place = driver.admit(input.buyerId)
  return await start(deps, input, { opened: undefined, gateway: gateway.name, place }, requestHash)
}

/** The order as commerce has it. @throws {NotFoundError | OrderNotPayableError} another's, or nothing to pay for. */
async function readPayable({ orders, now }: RequestPaymentDeps, input: PaymentRequest): Promise<InternalOrder> {
  const order = await orders.read(input.orderId)
  if (order.buyerId !== input.buyerId) throw new NotFoundError('order', input.orderId)
  if (order.state !== 'RESERVED') throw new OrderNotPayableError(order.id, `order_${order.state.toLowerCase()}`)
  const isOver = order.expiresAt !== null && Date.parse(order.expiresAt) <= now().getTime()
  if (isOver) throw new OrderNotPayableError(order.id, 'reservation_expired')
  return order
}

async function chargeCard(deps: RequestPaymentDeps, input: PaymentRequest, requestHash: string): Promise<Payment> {
  // a key that came before is found by the unique key that refuses its row, or when there is nothing to write
  const entered = await enter(deps, input).catch(async (error: unknown) => {
    const known = await findByKey(deps.db, input, requestHash)
    if (known) return { known }
    throw error
  })
  if ('known' in entered) return entered.known
  return await start(deps, input, entered, requestHash)
}

/** Writes the row, claims the order and has the driver go on. */
async function start(
  deps: RequestPaymentDeps,
  input: PaymentRequest,
  { opened, gateway, place }: { opened: OpenedCard | undefined; gateway: string; place: Place },
  requestHash: string,
): Promise<Payment> {
  let started = false
  try {
    const payment = await insert(deps, place, { ...input, opened, requestHash, gateway })
    const claimed = await claimFor(deps, payment, opened !== undefined || input.method === 'virtual_account')
    place.start({ payment, card: opened?.card, address: input.address, claimed })
    started = true
    return claimed ? Object.assign(payment, noted(claimed)) : payment
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    // A second request with the same key won the race: it is answered like the first.
    const winner = await findByKey(deps.db, input, requestHash)
    if (winner) return winner
    throw duplicateError(error, input.orderId)
  } finally {
    if (!started) place.cancel()
  }
}

const noted = ({ amount, sellerId }: Claimed) => ({
  amount: amount.amount,
  currency: amount.currency,
  seller_id: sellerId,
})

/** Opens the card and takes a place among those who wait: refused is whoever may not pay, before anything is written. */
async function enter(
  { tokens, limits, gateways, driver, now }: RequestPaymentDeps,
  { cardToken, buyerId, address }: PaymentRequest,
): Promise<{ opened: OpenedCard | undefined; gateway: string; place: Place }> {
  const opened = cardToken === undefined ? undefined : await tokens.open(cardToken, buyerId)
  if (opened && isExpired(opened.card, now())) throw new CardTokenInvalidError('the card expired')
  const gateway = opened ? gateways.cardEntry?.name : nothingToPay
  if (gateway === undefined)
    throw new InvalidRequestError('No card is entered here', [{ path: 'cardToken', message: 'not taken' }])
  if (opened) await limits.charge({ accountId: buyerId, address, cardNumber: opened.card.number })
  return { opened, gateway, place: driver.admit(buyerId) }
}

/** What the claim told; undefined when commerce does not answer now: the driver claims, then. A refusal ends the payment. */
async function claimFor(deps: RequestPaymentDeps, payment: Payment, hasCard: boolean): Promise<Claimed | undefined> {
  try {
    const answer = await claimOnce(deps, payment)
    if ('refused' in answer) {
      const ending = { to: 'CANCELED' as const, claimed: undefined, reason: answer.refused }
      await writeEnding(deps, payment, deps.driver.owner, ending)
      if (answer.refused === 'no_such_order') throw new NotFoundError('order', payment.order_id)
      throw new OrderNotPayableError(payment.order_id, answer.refused)
    }
    const { claimed } = answer
    if (claimed.amount.amount > 0 && !hasCard) {
      await writeEnding(deps, payment, deps.driver.owner, { to: 'CANCELED', claimed, reason: 'no_card' })
      throw new InvalidRequestError('This order costs something', [{ path: 'cardToken', message: 'Required' }])
    }
    deps.notes.add(payment.id, claimed)
    return claimed
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    deps.log.warn('payment.claim_later', { paymentId: payment.id, error })
    return undefined
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

async function insert(
  deps: RequestPaymentDeps,
  place: Place,
  input: PaymentRequest & { opened: OpenedCard | undefined; requestHash: string; gateway: string },
): Promise<Payment> {
  const { opened } = input
  const now = deps.now()
  const summary = opened && summarize(opened.card)
  const payment = Object.assign(new Payment(), {
    id: newId('pay'),
    order_id: input.orderId,
    buyer_id: input.buyerId,
    seller_id: null,
    amount: null,
    currency: null,
    state: 'REQUESTED',
    refunded_amount: 0,
    card_brand: summary?.brand ?? null,
    card_last4: summary?.last4 ?? null,
    gateway: input.gateway,
    gateway_reference: null,
    idempotency_key: input.idempotencyKey,
    request_hash: input.requestHash,
    created_at: now,
    updated_at: now,
    generation: 2,
    instrument: null,
    window_until: null,
    left_reason: null,
    method: input.method === 'virtual_account' ? input.method : null,
    deposit: null,
    refund_account: null,
    asked_since: null,
    ...place.lease,
  })
  return await deps.inserts.add({ payment, cardTokenId: opened?.id })
}

const duplicateError = (error: unknown, orderId: string): Error =>
  isUsedToken(error) ? new CardTokenUsedError() : new PaymentExistsError(orderId)
