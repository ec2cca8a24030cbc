import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { CardGateway } from '../gateways/card-gateway.ts'
import { move } from './move.ts'
import { gatewayKey, Payment, Refund } from './payment.ts'
import { applyAuthorization } from './process-payment.ts'
import { completeRefund } from './refund.ts'
import { settle } from './settle.ts'

const pollMs = 1_000
const batchSize = 20
const leaseMs = 30_000
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
 * refunds completed. Any number of Pods may run it; each takes what no other holds, for a lease of 30 s.
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
  const payments = await takeDue(deps, Payment)
  const refunds = await takeDue(deps, Refund)
  await Promise.all([
    ...payments.map((payment) => attempt(deps, payment.id, () => drive(deps, payment))),
    ...refunds.map((refund) => attempt(deps, refund.id, () => completeRefund(deps, refund))),
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
  if (status.status !== 'NOT_FOUND') await applyAuthorization(deps, payment, status)
}

async function attempt(deps: ReconcileDeps, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    deps.log.warn('reconcile.unclear', { id, error })
  }
}

async function takeDue<T extends Payment | Refund>(
  { db, now }: ReconcileDeps,
  model: { new (): T; tableName: string; query: (trx: Knex) => ReturnType<typeof Payment.query> },
): Promise<T[]> {
  return await inTransaction(db, async (trx) => {
    const rows = (await model
      .query(trx)
      .where('next_attempt_at', '<=', now())
      .orderBy('next_attempt_at')
      .limit(batchSize)
      .forUpdate()
      .skipLocked()) as unknown as T[]
    for (const row of rows) {
      const tries = 'attempts' in row ? row.attempts : 0
      const waitMs = Math.min(leaseMs, 1_000 * 2 ** Math.min(tries, 6), maxWaitMs)
      const next = {
        next_attempt_at: new Date(now().getTime() + waitMs),
        ...('attempts' in row && { attempts: tries + 1 }),
      }
      await trx(model.tableName).where({ id: row.id }).update(next)
    }
    return rows
  })
}
