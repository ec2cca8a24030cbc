import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { GatewayUnclearError, type CardGateway } from '../gateways/card-gateway.ts'
import { move } from './move.ts'
import { gatewayKey, Payment, Refund } from './payment.ts'
import { applyAuthorization } from './process-payment.ts'
import { completeRefund } from './refund.ts'
import { settle } from './settle.ts'

const pollMs = 1_000
const batchSize = 20
const leaseMs = 150_000 // two calls of the longest time a call may be given, and some
const maxWaitMs = 60_000
const usedTokenKeptMs = 24 * 3_600_000

/** Collaborators of the reconciler. */
export interface ReconcileDeps {
  db: Knex
  gateway: CardGateway
  log: Logger
  now: () => Date
  wake: () => void
}

/**
 * Drives on whatever is due: payments without an answer are asked about, claimed ones captured, lost ones voided,
 * refunds completed. Any number of Pods may run it; each takes what no other holds, for a lease that is longer than the work.
 */
export function startReconciler(deps: ReconcileDeps): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        if ((await reconcileDue(deps)) > 0) continue
        await deps
          .db('used_card_tokens')
          .where('used_at', '<', new Date(deps.now().getTime() - usedTokenKeptMs))
          .delete()
      } catch (error) {
        deps.log.warn('reconcile.failed', { error })
      }
      await delay(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** One round; answers how many payments and refunds it took. */
export async function reconcileDue(deps: ReconcileDeps): Promise<number> {
  const payments = await takeDue(deps, 'payments')
  const refunds = await takeDue(deps, 'refunds')
  const driveOne = async ({ id }: Due) => await drive(deps, await Payment.query(deps.db).findById(id).throwIfNotFound())
  const refundOne = async ({ id }: Due) =>
    await completeRefund(deps, await Refund.query(deps.db).findById(id).throwIfNotFound())
  await Promise.all([
    ...payments.map((due) => attempt(deps, 'payments', due, driveOne)),
    ...refunds.map((due) => attempt(deps, 'refunds', due, refundOne)),
  ])
  return payments.length + refunds.length
}

async function drive(deps: ReconcileDeps, payment: Payment): Promise<void> {
  if (payment.state === 'REQUESTED') {
    // Its process died with the card before sending anything, or is stuck: from UNKNOWN only the network decides.
    const now = deps.now()
    await inTransaction(deps.db, (trx) => move(trx, payment, 'UNKNOWN', { now, nextAttemptAt: now }))
    return
  }
  if (payment.state === 'PROCESSING' || payment.state === 'UNKNOWN') {
    await applyIfKnown(deps, payment)
    return
  }
  await settle(deps, payment)
}

async function applyIfKnown(deps: ReconcileDeps, payment: Payment): Promise<void> {
  // Abandoning closes the door on a request still under way, so "not found" can be final.
  const status = await deps.gateway.abandon(gatewayKey(payment.id))
  if (status.status === 'NOT_FOUND') throw new GatewayUnclearError('abandon')
  await applyAuthorization(deps, payment, status)
}

interface Due {
  id: string
  attempts: number
}

// What stays undecided is asked about again later and later: 2 s after the first try, a minute at most.
async function attempt(deps: ReconcileDeps, table: string, due: Due, work: (due: Due) => Promise<void>): Promise<void> {
  try {
    await work(due)
  } catch (error) {
    deps.log.warn('reconcile.unclear', { id: due.id, error })
    const waitMs = Math.min(1_000 * 2 ** Math.min(due.attempts + 1, 6), maxWaitMs)
    await deps
      .db(table)
      .where({ id: due.id })
      .whereNotNull('next_attempt_at')
      .update({ next_attempt_at: new Date(deps.now().getTime() + waitMs) })
      .catch((cause: unknown) => deps.log.warn('reconcile.not_postponed', { id: due.id, error: cause })) // its lease ends
  }
}

// The lease is longer than any call of the work takes, so that nobody else does the same meanwhile.
async function takeDue({ db, now }: ReconcileDeps, table: 'payments' | 'refunds'): Promise<Due[]> {
  return await inTransaction(db, async (trx) => {
    const rows = (await trx(table)
      .where('next_attempt_at', '<=', now())
      .orderBy('next_attempt_at')
      .limit(batchSize)
      .select('id', 'attempts')
      .forUpdate()
      .skipLocked()) as Due[]
    const ids = rows.map(({ id }) => id)
    const lease = { next_attempt_at: new Date(now().getTime() + leaseMs), attempts: trx.raw('attempts + 1') }
    if (rows.length > 0) await trx(table).whereIn('id', ids).update(lease)
    return rows
  })
}
