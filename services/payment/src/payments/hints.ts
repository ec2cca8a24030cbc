import type { Knex } from 'knex'
import { Gather } from '@mytaek1/platform/gather.ts'
import { wokenForMs } from './late-money.ts'
import { setAside } from './patience.ts'

const hintsAtOnce = 200

/** A gateway's word that one of its payments changed. */
export interface Hint {
  paymentId: string
  gateway: string
}

/** Has payments asked about now that a gateway says have changed; those that come at once are looked up together. */
export type Hints = Gather<Hint, undefined>

/**
 * Only a payment that waits for the gateway's word, or for its buyer, is hurried, or one that ended without money is woken, and
 * only to a question: a forged hint is harmless.
 *
 * @param deps.driver is nudged to look at once; what it knows of anyway is not looked up
 */
export function paymentHints(deps: {
  db: Knex
  now: () => Date
  driver: { nudge(): void; knowsOf(id: string): boolean }
}): Hints {
  return new Gather({
    most: hintsAtOnce,
    isOfOne: () => false, // an id is an id: what fails is the database
    work: async (hints) => {
      let hurried = 0
      const news = hints.filter(({ paymentId }) => !deps.driver.knowsOf(paymentId))
      for (const [gateway, some] of Map.groupBy(news, (hint) => hint.gateway)) {
        const ids = [...new Set(some.map(({ paymentId }) => paymentId))]
        hurried += await hurry(deps.db, { ids, gateway, now: deps.now() })
      }
      if (hurried > 0) deps.driver.nudge()
      return hints.map(() => undefined)
    },
  })
}

// One statement, for a busy gateway says something of every payment.
async function hurry(db: Knex, { ids, gateway, now }: { ids: string[]; gateway: string; now: Date }): Promise<number> {
  const marks = ids.map(() => '?').join(', ')
  const [result] = await db.raw(
    `UPDATE payments
        SET hinted_at = IF(lease_owner IS NULL, hinted_at, ?), next_attempt_at = IF(lease_owner IS NULL, ?, next_attempt_at)
      WHERE id IN (${marks}) AND gateway = ? AND (${waitsForWord} OR ${hadEndedLately} OR ${isGivenUpNow})`,
    [now, now, ...ids, gateway, now, now, new Date(now.getTime() - wokenForMs), setAside],
  )
  return Number(result.affectedRows)
}

const waitsForWord = `(lease_owner IS NULL AND next_attempt_at > ? AND
  (state IN ('UNKNOWN', 'PROCESSING', 'WAITING_DEPOSIT') OR (state = 'REQUESTED' AND window_until IS NOT NULL)))`
const hadEndedLately = `(lease_owner IS NULL AND state IN ('DECLINED', 'CANCELED')
  AND (((next_attempt_at IS NULL OR next_attempt_at > ?) AND updated_at > ?) OR next_attempt_at = ?))`
// whoever holds a window may have asked before the gateway had more to say
const isGivenUpNow = '(lease_owner IS NOT NULL AND window_until IS NOT NULL AND hinted_at IS NULL)'
