import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'
const account = 'VARCHAR(32)' // as `products` has its seller's

/**
 * Coupons, and who used them: a row of `coupon_uses` is a use, and `used` counts them. The row of a coupon is locked by whoever
 * uses it or gives a use back, after all stock rows.
 *
 * A process of the version before takes no coupons; the use of an order that it releases is not given back.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE coupons (
    id ${id} NOT NULL PRIMARY KEY,
    seller_id ${account} NOT NULL COMMENT 'empty: the platform’s, for every seller’s goods',
    code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'null: everybody is shown it',
    name VARCHAR(100) NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount BIGINT UNSIGNED NULL COMMENT 'minor units off; null: percent',
    percent TINYINT UNSIGNED NULL,
    max_amount BIGINT UNSIGNED NULL COMMENT 'of a percentage: at most so much off',
    min_amount BIGINT UNSIGNED NOT NULL COMMENT 'what the goods cost at least',
    starts_at DATETIME(3) NOT NULL,
    ends_at DATETIME(3) NOT NULL,
    total INT UNSIGNED NULL COMMENT 'how often it can be used; null: without bound',
    used INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'rows of coupon_uses',
    back_on_refund BOOLEAN NOT NULL COMMENT 'a whole refund gives the use back',
    created_at DATETIME(3) NOT NULL,
    UNIQUE KEY one_coupon_per_code (seller_id, code),
    KEY by_end (seller_id, ends_at),
    CONSTRAINT used_at_most_total CHECK (total IS NULL OR used <= total)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE coupon_uses (
    coupon_id ${id} NOT NULL,
    buyer_id ${id} NOT NULL,
    order_id ${id} NOT NULL,
    PRIMARY KEY (coupon_id, buyer_id)
  ) CHARACTER SET utf8mb4 COMMENT 'a buyer uses a coupon once; given back, the row is gone'`)
  await db.raw(`ALTER TABLE orders
    ADD COLUMN coupon_id ${id} NULL,
    ADD COLUMN discount_amount BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'off the goods, by the coupon'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
