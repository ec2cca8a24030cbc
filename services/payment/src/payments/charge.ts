import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import type { Card } from '../cards/card.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { DepositAccount, Instrument, Outcome, PaymentGateway } from '../gateways/payment-gateway.ts'
import type { Orders } from './claim.ts'
import { decideCharge } from './decide-charge.ts'
import { decideWindow } from './decide-window.ts'
import { giveBack, letGo } from './give-back.ts'
import { hadEnded, lookForLateMoney, type Looked } from './late-money.ts'
import { depositOf, knownOf, Payment } from './payment.ts'
import { lookAtWindow } from './window.ts'
import type { Claimed, Ending, Later } from './write-outcome.ts'

const triesWithCard = 6
const claimTries = 12
const firstWaitMs = 250
const longestWaitMs = 5_000
const issueMs = 5 * 60_000
const depositLookMs = 10 * 60_000
const soonMs = 30_000
const longAfter = new Date(8e15)

/** Collaborators of a charge. */
export interface ChargeDeps {
  db: Knex
  gateways: Gateways
  orders: Orders
  log: Logger
  now: () => Date
}

/** A payment that this process holds. The card is in its memory only, and gone with it. */
export interface ChargeJob {
  payment: Pick<
    Payment,
    | 'id'
    | 'order_id'
    | 'buyer_id'
    | 'state'
    | 'currency'
    | 'gateway'
    | 'gateway_reference'
    | 'instrument'
    | 'created_at'
    | 'updated_at'
    | 'window_until'
    | 'left_reason'
    | 'failure_reason'
    | 'method'
    | 'deposit'
    | 'refund_account'
    | 'asked_since'
  >
  card: Card | undefined
  /** Where the request came from; told for the limits of declines. */
  address?: string
  claimed: Claimed | undefined
  /** Until when a charge may take effect that is sent now; undefined when the payment is another process's by now. */
  hold: () => Promise<Date | undefined>
  /** After it no charge takes effect that a process sent which held the payment before. */
  chargeBy: Date
}

/** How it ended, or that it must be asked about later: `at` a time, or soon. */
export type Charged = { ending: Ending } | { later: Later } | Extract<Looked, { asleep: string } | { reopen: object }>

/**
 * Claims the order of a payment, charges, and answers how that ended. It may run any number of times, here or elsewhere:
 * the claim is the payment's, and the gateway charges once a payment.
 */
export async function charge(deps: ChargeDeps, job: ChargeJob): Promise<Charged> {
  const { payment } = job
  if (hadEnded(payment)) return await lookForLateMoney(deps, payment)
  const seen = await seenInWindow(deps, job)
  if (seen !== undefined && 'charged' in seen) return seen.charged
  const answer = job.claimed ? { claimed: job.claimed } : await claimStubbornly(deps, job)
  if ('refused' in answer) return await letGo(deps, payment, answer.refused)
  const { claimed } = answer
  if (claimed === undefined) return { later: { claimed, why: 'commerce does not answer' } }
  if (claimed.amount.amount === 0) return { ending: { to: 'CAPTURED', claimed, reference: null } }
  const gateway = deps.gateways.get(payment.gateway)
  const instrument = seen?.instrument ?? instrumentOf(job, deps.now())
  const over = whyGivenUp(gateway, job, instrument, deps.now())
  const outcome =
    over !== undefined
      ? await gateway.leave(knownOf(payment))
      : instrument
        ? await approve({ ...deps, gateway }, job, instrument, claimed)
        : await gateway.find(knownOf(payment))
  const left = over === undefined ? undefined : decideWindow(outcome, over)
  if (left?.kind === 'end') return { ending: { ...left.ending, claimed } }
  if (outcome.status === 'WAITING_DEPOSIT' && payment.method === 'virtual_account') {
    const deposit = depositOf(payment) ?? outcome.account
    return { later: { claimed, why: 'the deposit is waited for', at: nextLook(deposit, deps.now()), deposit } }
  }
  const { lateChargeMs } = gateway.capabilities
  const chargeBy = job.card ? longAfter : job.chargeBy // while it is held with its card, one may be sent yet
  const decision = decideCharge(outcome, { amount: claimed.amount, chargeBy, lateChargeMs, now: deps.now() })
  if (decision.kind === 'paid') return { ending: { to: 'CAPTURED', claimed, reference: decision.reference } }
  if (decision.kind === 'other_money') {
    const back = await giveBack({ ...deps, gateway }, payment, decision.paid, 'amount_differs')
    if ('why' in back) return { later: { claimed, ...back } }
    return { ending: { to: 'CANCELED', claimed, reason: 'amount_differs', returned: back.returned } }
  }
  if (decision.kind === 'declined') return { ending: { to: 'DECLINED', claimed, reason: decision.reason } }
  if (decision.kind === 'canceled') return { ending: { to: 'CANCELED', claimed, reason: decision.reason } }
  return { later: { claimed, why: decision.why } }
}

// The buyer's word, or the gateway's, comes before the claim: what waits in a window holds no units for longer than others.
async function seenInWindow(
  deps: ChargeDeps,
  { payment, claimed }: ChargeJob,
): Promise<{ instrument: Instrument } | { charged: Charged } | undefined> {
  const until = payment.window_until
  if (until === null || claimed !== undefined || payment.instrument !== null) return undefined
  if (payment.state !== 'REQUESTED') return undefined // allow-charge.ts may have claimed
  const decision = await lookAtWindow(deps, payment)
  switch (decision.kind) {
    case 'end':
      return { charged: { ending: decision.ending } }
    case 'wait':
      return { charged: { later: { claimed, why: 'the buyer is in the window', at: until } } }
    case 'ask_again':
      return { charged: { later: { claimed, why: decision.why } } }
    case 'approve': {
      const { instrument } = decision
      await Payment.query(deps.db).findById(payment.id).patch({ instrument }) // whoever goes on from here approves, too
      return { instrument: { kind: 'hosted', value: instrument } }
    }
  }
}

/**
 * Why what was claimed for a window or a deposit is given back. Its buyer does not want it any more; its gateway asked whether it may charge and was never told so; or it has
 * charged nothing for so long after the window that it never will, which a gateway that ends nothing itself does not say.
 */
function whyGivenUp(
  { capabilities }: PaymentGateway,
  { payment, claimed }: ChargeJob,
  instrument: Instrument | undefined,
  now: Date,
): string | undefined {
  if (payment.method === 'virtual_account') return payment.left_reason ?? undefined
  if (payment.window_until === null) return undefined
  const { pendingMs } = capabilities
  if (pendingMs !== undefined && now.getTime() > payment.window_until.getTime() + pendingMs) return 'expired'
  return instrument === undefined && claimed === undefined ? 'interrupted' : undefined
}

/** Claims once; a payment of the same order that failed just before may still hold it over there, and is replaced. */
export async function claimOnce(
  { db, orders }: Pick<ChargeDeps, 'db' | 'orders'>,
  payment: Pick<Payment, 'id' | 'order_id' | 'buyer_id'>,
): Promise<{ claimed: Claimed } | { refused: string }> {
  const request = { paymentId: payment.id, buyerId: payment.buyer_id, replaces: null }
  let answer = await orders.claim(payment.order_id, request)
  if (answer.claim === 'REFUSED' && answer.reason === 'claimed_by_another_payment') {
    const failed = await Payment.query(db)
      .where({ order_id: payment.order_id })
      .whereIn('state', ['DECLINED', 'CANCELED'])
      .orderBy('id', 'desc')
      .select('id')
      .first()
    if (failed) answer = await orders.claim(payment.order_id, { ...request, replaces: failed.id })
  }
  if (answer.claim === 'REFUSED') return { refused: answer.reason }
  return { claimed: { amount: answer.order.total, sellerId: answer.order.sellerId } }
}

async function claimStubbornly(
  deps: ChargeDeps,
  job: ChargeJob,
): Promise<{ claimed: Claimed | undefined } | { refused: string }> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await claimOnce(deps, job.payment)
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      // without a card nothing is lost by asking again another time
      if (job.card === undefined || tries === claimTries) return { claimed: undefined }
      await delay(waitMs(tries))
    }
  }
}

// A hosted window's word may be sent again by anybody; a card only by the process that has it.
function instrumentOf({ card, payment }: ChargeJob, now: Date): Instrument | undefined {
  if (card) return { kind: 'card', card }
  if (payment.instrument !== null) return { kind: 'hosted', value: payment.instrument }
  // a gateway that issues none for so long is asked what it has, and NOT_FOUND then ends it
  const mayBeIssued = now.getTime() - payment.created_at.getTime() < issueMs
  return payment.method === 'virtual_account' && payment.deposit === null && mayBeIssued
    ? { kind: 'deposit' }
    : undefined
}

// The gateway tells of a deposit; should that be lost, it is asked. When its time is over, the gateway says so.
function nextLook(deposit: DepositAccount | undefined, now: Date): Date {
  const over = deposit ? deposit.until.getTime() + soonMs : 0
  const [soon, some] = [now.getTime() + soonMs, now.getTime() + depositLookMs]
  return new Date(over > now.getTime() ? Math.min(over, some) : soon)
}

// What got no clear answer is asked about first, and sent again only if the gateway never heard of it: under the same id.
async function approve(
  { gateway, log }: Pick<ChargeDeps, 'log'> & { gateway: PaymentGateway },
  job: ChargeJob,
  instrument: Instrument,
  { amount }: Claimed,
): Promise<Outcome> {
  const { id: paymentId } = job.payment
  let outcome: Outcome = { status: 'UNCLEAR', code: 'NOT_SENT' }
  for (let tries = 1; tries <= (job.card ? triesWithCard : 1); tries += 1) {
    if (tries > 1) {
      await delay(waitMs(tries))
      outcome = await gateway.find(knownOf(job.payment))
      if (outcome.status !== 'NOT_FOUND' && outcome.status !== 'UNCLEAR' && outcome.status !== 'PENDING') return outcome
      if (outcome.status !== 'NOT_FOUND') continue
    }
    const chargeBy = await job.hold()
    if (chargeBy === undefined) return { status: 'UNCLEAR', code: 'LEASE_LOST' } // somebody else asks by now
    outcome = await gateway.approve({ paymentId, instrument, amount, chargeBy })
    if (outcome.status !== 'UNCLEAR' && outcome.status !== 'PENDING') return outcome
    log.warn('payment.unclear', { paymentId, tries, outcome })
  }
  return outcome
}

const waitMs = (tries: number) => Math.min(firstWaitMs * 2 ** (tries - 1), longestWaitMs) * (0.75 + Math.random() / 2)
