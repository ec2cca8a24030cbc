/** What time does to orders that were paid for: each job is done by one process at a time, and may be done twice. */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { isMyTurn } from '../inventory/upkeep.ts'
import { upkeepActor } from './fulfilment.ts'
import { openFulfilments } from './follow-payments.ts'
import { moveOrder, type MoveDeps } from './move-order.ts'
import { forgetReleasedAddresses } from './order-address.ts'
import { returnDays } from './order-life.ts'
import { tellRefundsAgain } from './refund-claim.ts'

const everyMs = 60_000
const confirmedAtOnce = 500
const openedAtOnce = 500
const paidWithinMs = 2 * 3_600_000 // how long a process of the version before may still be there

/** Confirms what was delivered a week ago, of which nothing is being sent back; answers how many orders. */
export async function confirmDelivered(deps: MoveDeps): Promise<number> {
  const until = new Date(deps.clock().getTime() - returnDays * 86_400_000)
  const rows: { order_id: string }[] = await deps
    .db('fulfilments')
    .where('state', 'DELIVERED')
    .where('delivered_at', '<=', until)
    .whereNotExists(
      deps
        .db('claims')
        .whereRaw('claims.order_id = fulfilments.order_id')
        .whereIn('claims.state', ['REQUESTED', 'COLLECTING']),
    )
    .orderBy('delivered_at')
    .limit(confirmedAtOnce)
    .select('order_id')
  let confirmed = 0
  for (const { order_id: orderId } of rows) {
    try {
      await moveOrder(deps, { orderId, actor: upkeepActor, deed: 'confirm' })
      confirmed += 1
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'conflict') throw error // somebody was faster
    }
  }
  return confirmed
}

/**
 * Begins the way of orders that a process of the version before took the payment of: those of the last two hours; orders of
 * before are begun by the migration. Answers how many.
 */
export async function openMissed(db: Knex, now: Date): Promise<number> {
  const [rows] = await db.raw(
    `SELECT orders.id FROM orders LEFT JOIN fulfilments ON fulfilments.order_id = orders.id
      WHERE orders.state = 'PAID' AND orders.expires_at > ? AND fulfilments.order_id IS NULL LIMIT ${openedAtOnce}`,
    [new Date(now.getTime() - paidWithinMs)],
  )
  const ids = (rows as { id: string }[]).map(({ id }) => id)
  await openFulfilments(db, ids)
  return ids.length
}

/** Does these jobs every minute; answers a function that stops it and waits for the one under way. */
export function startFulfilmentUpkeep(
  deps: MoveDeps & { redis: Redis; log: Logger; wakeOutbox: () => void },
): () => Promise<void> {
  const { db, redis, log, clock, wakeOutbox } = deps
  const turn = (job: string, periodMs: number) => isMyTurn([redis], `fulfilment-${job}`, periodMs)
  const round = async () => {
    if (await turn('confirm', everyMs - 5_000)) await confirmDelivered(deps)
    if ((await turn('refunds', everyMs - 5_000)) && (await tellRefundsAgain(db, clock())) > 0) wakeOutbox()
    if (await turn('missed', 10 * everyMs)) await openMissed(db, clock())
    if (await turn('addresses', 60 * everyMs)) await forgetReleasedAddresses(db, clock())
  }
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= round()
      .catch((error: unknown) => log.warn('fulfilment.upkeep_failed', { error }))
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
