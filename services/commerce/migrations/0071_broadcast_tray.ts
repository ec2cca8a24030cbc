import type { Knex } from 'knex'

/**
 * Several pins at once, and a tray that changes while a show is on: what is in it, in which order, and what of it nobody but
 * its seller sees.
 *
 * A process of the version before pins one product, by `pinned_product_id` and `pinned_at` alone: then `pins_at` is another
 * time than `pinned_at`, and `pins` says nothing. It shows hidden products.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE broadcasts
    ADD COLUMN pins VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'JSON: ids of products, the first is pinned_product_id',
    ADD COLUMN pins_at DATETIME(3) NULL COMMENT 'pinned_at, as long as pins are what it is the time of',
    ADD COLUMN tray_revision INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'grows when products come, go, hide or move'`)
  await db.raw('ALTER TABLE broadcast_products ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT 0')
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
