import type { Knex } from 'knex'

/** How much of an order's money went back; refunds of before are told by the payments alone. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE orders
    ADD COLUMN refunded_amount BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'minor units'`)
  await db.raw(`UPDATE orders SET refunded_amount = total_amount WHERE state = 'REFUNDED'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
