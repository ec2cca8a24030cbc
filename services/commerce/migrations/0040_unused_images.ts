import type { Knex } from 'knex'

/**
 * Which images nothing may refer to any more, and since when, so that their files leave the bucket; and from when on a
 * revision of a product could be ordered, which tells whether an order shows its image.
 *
 * Every image there is may be unused: that is looked at once its time has come. A process of the version before marks
 * nothing, and keeps revisions whose time is not known; what it leaves behind stays.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE images
    ADD COLUMN unused_since DATETIME(3) NULL COMMENT 'set: perhaps; whether it is, is looked at days later',
    ADD COLUMN removing_since DATETIME(3) NULL COMMENT 'its files are being removed: no upload may count on them',
    ADD KEY by_disuse (unused_since)`)
  await db.raw(`ALTER TABLE product_revisions
    ADD COLUMN made_at DATETIME(3) NULL COMMENT 'null: not known, before anything else',
    ADD KEY by_image (image_id)`)
  await db.raw('UPDATE images SET unused_since = created_at')
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
