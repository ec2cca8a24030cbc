import type { Knex } from 'knex'

const id = 'VARCHAR(32)' // as `products` has its seller's

/**
 * What sending costs. A seller has one rule; an order keeps what was agreed by it, so that a rule of tomorrow changes none of
 * today's orders. Orders of a process of the version before, and of sellers without a rule, have nothing for it.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE shipping_rules (
    seller_id ${id} NOT NULL PRIMARY KEY,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'orders in another one have no fee',
    fee_amount BIGINT UNSIGNED NOT NULL COMMENT 'minor units, as all amounts',
    free_over_amount BIGINT UNSIGNED NULL COMMENT 'no fee when what is sent costs as much',
    remote_amount BIGINT UNSIGNED NOT NULL COMMENT 'what a remote area costs more, free or not',
    show_cap_amount BIGINT UNSIGNED NULL COMMENT 'what one buyer pays in one show at most',
    updated_at DATETIME(3) NOT NULL
  ) CHARACTER SET utf8mb4`)
  await db.raw(`ALTER TABLE claims
    ADD COLUMN refund_shipping BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of what goes back, for sending it'`)
  await db.raw(`ALTER TABLE orders
    ADD COLUMN shipping_amount BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the total, for sending it',
    ADD COLUMN shipping_base BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'agreed: to a usual area',
    ADD COLUMN shipping_remote BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'agreed: what a remote area costs more',
    ADD COLUMN shipping_cap BIGINT UNSIGNED NULL COMMENT 'agreed: what its buyer pays in the show at most',
    ADD COLUMN is_remote BOOLEAN NOT NULL DEFAULT 0 COMMENT 'shipping_amount is that of a remote area',
    ADD COLUMN placed_amount BIGINT UNSIGNED NULL COMMENT 'the total as it was ordered, where it was another'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
