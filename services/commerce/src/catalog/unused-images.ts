/**
 * Images that nothing refers to leave the bucket.
 *
 * An image is marked when it was uploaded, for nothing refers to it yet, and when something else took its place. A week
 * later it is looked at: what a product, a broadcast or an order shows stays, and loses its mark. Until then pages that
 * are open may name it. Because equal pictures are one image, an upload may want the files that are just being removed: it
 * marks anew, which keeps the remover away, or finds them taken and is told to come back.
 */
import type { Knex } from 'knex'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { idFloor } from '@mytaek1/platform/ids.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { ImageStore } from './image-store.ts'
import { renditionNames } from './renditions.ts'

const graceMs = 7 * 24 * 3_600_000
const removalMs = 600_000 // one that takes longer has died: nine files
const imagesPerRun = 200
const revisionsMax = 1_000 // of one image
const clocksMs = 60_000 // an order's id has the time of another process, and is made before its batch is written

/** Notes that an image may not be used from now on; whether it is, is looked at when its time has come. */
export async function markUnused(trx: Knex.Transaction, imageId: string | null, now: Date): Promise<void> {
  if (imageId !== null) await trx('images').where('id', imageId).update({ unused_since: now })
}

/**
 * Makes an image's row before its files are stored, or marks it anew, so that its files stay.
 *
 * @throws {UnavailableError} they are just being removed: the upload has to come again.
 */
export async function expectUse(
  { db, now }: { db: Knex; now: Date },
  { id, width, height }: { id: string; width: number; height: number },
): Promise<void> {
  const row = { id, width, height, created_at: now, unused_since: now }
  const diedBefore = new Date(now.getTime() - removalMs)
  await db('images').where('id', id).where('removing_since', '<', diedBefore).update({ removing_since: null })
  await db('images').insert(row).onConflict('id').merge(['unused_since'])
  const removing = await db('images').where('id', id).whereNotNull('removing_since').first('id')
  if (removing === undefined) return
  throw new UnavailableError('The files of an equal picture are being removed; send it again', {
    code: 'busy',
    retryAfterSeconds: 5,
  })
}

/**
 * Removes images that were marked a week ago and that nothing shows, a bounded number at a time, the longest unused first.
 *
 * @returns how many were removed.
 */
export async function removeUnusedImages(
  { db, store, log, signal }: { db: Knex; store: ImageStore; log: Logger; signal?: AbortSignal },
  now: Date,
): Promise<number> {
  const markedBefore = new Date(now.getTime() - graceMs)
  const diedBefore = new Date(now.getTime() - removalMs)
  const isDue = 'unused_since < ? AND (removing_since IS NULL OR removing_since < ?)'
  const due: { id: string }[] = await db('images')
    .whereRaw(isDue, [markedBefore, diedBefore])
    .orderBy('unused_since')
    .limit(imagesPerRun)
    .select('id')
  let removed = 0
  for (const { id } of due) {
    if (signal?.aborted === true) break // the rest is due still
    // an upload that marked it anew meanwhile keeps it
    const taken = await db('images')
      .where({ id })
      .whereRaw(isDue, [markedBefore, diedBefore])
      .update({ removing_since: now })
    if (taken === 0) continue
    if (await isShown(db, id)) await db('images').where({ id }).update({ unused_since: null, removing_since: null })
    else if (await remove({ db, store, log }, id)) removed += 1
  }
  return removed
}

async function remove({ db, store, log }: { db: Knex; store: ImageStore; log: Logger }, id: string): Promise<boolean> {
  try {
    for (const name of renditionNames(id)) await store.remove(name)
    await db('images').where({ id }).delete()
    return true
  } catch (error) {
    log.warn('image.not_removed', { id, error })
    await db('images').where({ id }).update({ removing_since: null }) // tried again, and an upload stores all files anew
    return false
  }
}

async function isShown(db: Knex, id: string): Promise<boolean> {
  const [product, picture, broadcast] = await Promise.all([
    db('products').where('image_id', id).first('id'),
    db('product_pictures').where('image_id', id).where('position', '>', 0).first('product_id'),
    db('broadcasts').where('image_id', id).first('id'),
  ])
  if (picture !== undefined) return true
  return product !== undefined || broadcast !== undefined || (await isShownByOrder(db, id))
}

// Orders have no index by revision. But a revision was ordered while it was the product's, and ids of orders have their time.
async function isShownByOrder(db: Knex, imageId: string): Promise<boolean> {
  const [revisions] = (await db.raw(
    `SELECT own.product_id, own.made_at, (SELECT MIN(made_at) FROM product_revisions
        WHERE product_id = own.product_id AND revision > own.revision) AS over_at
      FROM product_revisions own WHERE own.image_id = ? LIMIT ${revisionsMax}`,
    [imageId],
  )) as [{ product_id: string; made_at: Date | null; over_at: Date | null }[]]
  if (revisions.length === revisionsMax) return true // too many to look at: it stays
  for (const { product_id: productId, made_at: madeAt, over_at: overAt } of revisions) {
    const orders = db('stock_ledger').where('product_id', productId)
    if (madeAt !== null) void orders.where('order_id', '>=', idFloor('o', madeAt.getTime() - clocksMs))
    if (overAt !== null) void orders.where('order_id', '<', idFloor('o', overAt.getTime() + clocksMs))
    if ((await orders.first('order_id')) !== undefined) return true
  }
  return false
}
