import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { lockOwnOpen } from './change-broadcast.ts'
import { requireOffered } from './create-broadcast.ts'
import { pinsOf, writePins } from './pins.ts'

/** A product of a show; a hidden one only its seller sees, and nobody orders it there. */
export interface TrayItem {
  productId: string
  hidden: boolean
}

/**
 * Makes the tray of a show what is given: in this order, with these hidden; what is left out is taken from it. Pins of what is
 * no longer shown go.
 *
 * @returns what viewers are to be told.
 * @throws {WrongStateError | ProductNotOfferedError} it has ended; one that was not in it is none of the seller's on offer.
 */
export async function changeTray(
  { db, now }: { db: Knex; now: Date },
  caller: AccessTokenClaims,
  id: string,
  items: readonly TrayItem[],
): Promise<LiveEvent[]> {
  return await inTransaction(db, async (trx) => {
    const broadcast = await lockOwnOpen(trx, caller, id, 'changed')
    const before: { product_id: string }[] = await trx('broadcast_products')
      .where('broadcast_id', id)
      .select('product_id')
    const known = new Set(before.map(({ product_id: productId }) => productId))
    const added = items.filter(({ productId }) => !known.has(productId))
    await requireOffered(
      trx,
      broadcast.sellerId,
      added.map(({ productId }) => productId),
    )
    await trx('broadcast_products').where('broadcast_id', id).delete()
    const rows = items.map(({ productId, hidden }, position) => ({
      broadcast_id: id,
      product_id: productId,
      position,
      hidden,
    }))
    if (rows.length > 0) await trx('broadcast_products').insert(rows)
    const revision = broadcast.trayRevision + 1
    await trx('broadcasts').where({ id }).update({ tray_revision: revision })
    const shown = items.filter(({ hidden }) => !hidden).map(({ productId }) => productId)
    const events: LiveEvent[] = [{ type: 'tray', data: { revision, productIds: shown } }]
    const pinned = pinsOf(broadcast)?.productIds ?? []
    const kept = pinned.filter((each) => shown.includes(each))
    if (kept.length < pinned.length) {
      await writePins(trx, id, kept, now)
      events.push(pinEvent(kept, now))
    }
    return events
  })
}

/** What viewers are told of pins; a screen of the version before reads the first. */
export const pinEvent = (productIds: readonly string[], at: Date): LiveEvent => ({
  type: 'pin',
  data: { productId: productIds[0] ?? null, productIds: [...productIds], at: at.toISOString() },
})
