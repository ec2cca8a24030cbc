import type { Knex } from 'knex'
import { Gather } from '@mytaek1/platform/gather.ts'
import { wakeEnded } from './late-money.ts'
import { Payment } from './payment.ts'

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
 * @param deps.nudge has the driver look at once
 */
export function paymentHints(deps: { db: Knex; now: () => Date; nudge: () => void }): Hints {
  return new Gather({
    most: hintsAtOnce,
    isOfOne: () => false, // an id is an id: what fails is the database
    work: async (hints) => {
      let hurried = 0
      for (const [gateway, some] of Map.groupBy(hints, (hint) => hint.gateway)) {
        const ids = [...new Set(some.map(({ paymentId }) => paymentId))]
        hurried += await hurry(deps.db, { ids, gateway, now: deps.now() })
      }
      if (hurried > 0) deps.nudge()
      return hints.map(() => undefined)
    },
  })
}

async function hurry(db: Knex, { ids, gateway, now }: { ids: string[]; gateway: string; now: Date }): Promise<number> {
  // whoever holds a window may have asked before the gateway had more to say
  await Payment.query(db)
    .whereIn('id', ids)
    .where({ gateway, hinted_at: null })
    .whereNotNull('lease_owner')
    .whereNotNull('window_until')
    .patch({ hinted_at: now })
  const woken = await wakeEnded(db, { ids, gateway, now })
  const hurried = await Payment.query(db)
    .whereIn('id', ids)
    .where({ gateway, lease_owner: null })
    .whereRaw(
      "(state IN ('UNKNOWN', 'PROCESSING', 'WAITING_DEPOSIT') OR (state = 'REQUESTED' AND window_until IS NOT NULL))",
    )
    .where('next_attempt_at', '>', now)
    .patch({ next_attempt_at: now })
  return hurried + woken
}
