import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Timed deals: so many units of a product, with all its variants, for less until a time. A stock row names the deal that runs,
 * or ran last, so that orders of all other products ask nothing more; a row of `deal_uses` is what an order has of a deal, and
 * `taken` counts their units. The row of a deal is locked after all stock rows and coupons.
 *
 * A process of the version before sells at the usual price; what an order that it releases had of a deal is not given back.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE deals (
    id ${id} NOT NULL PRIMARY KEY COMMENT 'grows with time',
    product_id ${id} NOT NULL COMMENT 'of a product with options the whole',
    broadcast_id ${id} NOT NULL COMMENT 'the show that it was started in',
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    off_amount BIGINT UNSIGNED NOT NULL COMMENT 'minor units off the price of each unit',
    units INT UNSIGNED NOT NULL,
    units_per_buyer INT UNSIGNED NULL COMMENT 'null: as many as there are',
    taken INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'units of deal_uses',
    revision INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'grows with each change of the row',
    starts_at DATETIME(3) NOT NULL,
    ends_at DATETIME(3) NOT NULL COMMENT 'brought forward by who ends it early',
    KEY by_broadcast (broadcast_id, id),
    CONSTRAINT taken_at_most_units CHECK (taken <= units)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE deal_uses (
    deal_id ${id} NOT NULL,
    buyer_id ${id} NOT NULL,
    order_id ${id} NOT NULL,
    units INT UNSIGNED NOT NULL,
    PRIMARY KEY (deal_id, buyer_id, order_id)
  ) CHARACTER SET utf8mb4 COMMENT 'of an order that is released the row is gone'`)
  await db.raw(`ALTER TABLE product_stock
    ADD COLUMN deal_id ${id} NULL COMMENT 'the deal that runs, or ran last',
    ADD COLUMN deal_ends_at DATETIME(3) NULL COMMENT 'as the deal has it'`)
  await db.raw(`ALTER TABLE orders
    ADD COLUMN deal_id ${id} NULL COMMENT 'whose price a single product was ordered at'`)
  await db.raw(`ALTER TABLE order_items
    ADD COLUMN deal_id ${id} NULL COMMENT 'whose price the unit_amount is'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
