import type { Knex } from 'knex'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Card } from '../cards/card.ts'
import { GatewayUnclearError, type AuthorizationStatus, type CardGateway } from '../gateways/card-gateway.ts'
import { move } from './move.ts'
import { amountOf, gatewayKey, type Payment } from './payment.ts'

const maxWaiting = 2_000
const maxRunning = 32
const unknownFirstAskMs = 2_000
const declinesMax = 5 // of one order; then its units go back, for the cards may be stolen ones that are being tried

/** A place in the processor's queue, taken before anything is written. */
export interface Admission {
  start(payment: Payment, card: Card): void
  cancel(): void
}

/** Collaborators of the processor; `wake` has the outbox relay look now. */
export interface ProcessorDeps {
  db: Knex
  gateway: CardGateway
  log: Logger
  now: () => Date
  wake: () => void
  gatewayTimeoutMs: number
}

interface Job {
  payment: Payment
  card: Card
}

/**
 * Sends authorisations to the card network after the buyer was answered: at most 32 at once and 2,000 waiting. It alone
 * holds cards, in memory, from acceptance to the network's answer.
 */
export class PaymentProcessor {
  readonly #deps: ProcessorDeps
  readonly #waiting: Job[] = []
  #admitted = 0
  #running = new Set<Promise<void>>()
  #stopping = false

  constructor(deps: ProcessorDeps) {
    this.#deps = deps
  }

  /** @throws {UnavailableError} too many payments wait, or this process is stopping. */
  admit(): Admission {
    if (this.#stopping || this.#admitted >= maxWaiting) {
      throw new UnavailableError('Too many payments wait; try again in a moment', {
        code: 'payments_busy',
        retryAfterSeconds: 2,
      })
    }
    this.#admitted += 1
    return {
      start: (payment, card) => {
        this.#waiting.push({ payment, card })
        this.#fill()
      },
      cancel: () => {
        this.#admitted -= 1
      },
    }
  }

  /** When reconciliation may take a payment for orphaned: longer than a full queue and one slow answer take. */
  giveUpAt(now: Date): Date {
    const queueMs = Math.ceil(maxWaiting / maxRunning) * 200
    return new Date(now.getTime() + queueMs + 2 * this.#deps.gatewayTimeoutMs)
  }

  /** Lets everything accepted get its answer. */
  async stop(): Promise<void> {
    this.#stopping = true
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #fill(): void {
    while (this.#running.size < maxRunning) {
      const job = this.#waiting.shift()
      if (!job) return
      const run = this.#authorize(job)
        .catch((error: unknown) => this.#deps.log.error('payment.process_failed', { paymentId: job.payment.id, error }))
        .finally(() => {
          this.#running.delete(run)
          this.#admitted -= 1
          this.#fill()
        })
      this.#running.add(run)
    }
  }

  async #authorize({ payment, card }: Job): Promise<void> {
    const { db, gateway, now } = this.#deps
    const giveUp = this.giveUpAt(now())
    const started = await inTransaction(db, (trx) =>
      move(trx, payment, 'PROCESSING', { now: now(), nextAttemptAt: giveUp }),
    )
    if (!started) return // reconciliation was faster: this process was paused for long
    payment.state = 'PROCESSING'
    const status = await gateway
      .authorize({ key: gatewayKey(payment.id), amount: amountOf(payment), card })
      .catch(unclear)
    await applyAuthorization(this.#deps, payment, status)
  }
}

/**
 * Writes down what the network said of an authorisation; undefined means it gave no clear answer.
 *
 * AUTHORIZED asks commerce to claim the reservation; DECLINED leaves that to another card; no answer is UNKNOWN.
 */
export async function applyAuthorization(
  { db, now, wake }: { db: Knex; now: () => Date; wake: () => void },
  payment: Pick<Payment, 'id' | 'state' | 'order_id' | 'amount' | 'currency'>,
  status: AuthorizationStatus | undefined,
): Promise<void> {
  const subject = { paymentId: payment.id, orderId: payment.order_id }
  await inTransaction(db, async (trx) => {
    const held = status?.status === 'AUTHORIZED' || status?.status === 'CAPTURED'
    if (status === undefined || status.status === 'NOT_FOUND' || (held && status.amount !== payment.amount)) {
      const nextAttemptAt = new Date(now().getTime() + unknownFirstAskMs)
      return await move(trx, payment, 'UNKNOWN', { now: now(), nextAttemptAt })
    }
    if (status.status === 'DECLINED' || status.status === 'VOIDED') {
      const reason = status.status === 'DECLINED' ? status.reason : 'voided'
      const release = (await declinesBefore(trx, payment.order_id)) + 1 >= declinesMax
      const event = { type: 'payment.failed' as const, data: { ...subject, reason, release } }
      return await move(trx, payment, 'DECLINED', { now: now(), facts: { failure_reason: reason }, event })
    }
    const event = { type: 'payment.authorized' as const, data: { ...subject, amount: amountOf(payment) } }
    return await move(trx, payment, 'AUTHORIZED', { now: now(), facts: { gateway_reference: status.reference }, event })
  })
  wake()
}

async function declinesBefore(trx: Knex.Transaction, orderId: string): Promise<number> {
  const [row] = await trx('payments')
    .where({ order_id: orderId, state: 'DECLINED' })
    .count<{ declines: number }[]>({ declines: '*' })
  return row?.declines ?? 0
}

/** Turns an unclear answer into undefined; anything else is a bug and stays one. */
export function unclear(error: unknown): undefined {
  if (error instanceof GatewayUnclearError) return undefined
  throw error
}
