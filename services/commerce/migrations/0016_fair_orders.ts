import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * What an order promises and what it may hold: limits of what one buyer holds unpaid, buyers whom a seller does not serve,
 * requests to add units, and what a product was called and looked like at each of its revisions, so that an order can keep what was bought.
 *
 * A process of the version before makes orders without a revision, which show the product as it is, and knows no limits.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE product_stock
    ADD COLUMN unpaid_units_per_buyer INT UNSIGNED NULL COMMENT 'null: as configured',
    ADD COLUMN unpaid_orders_per_buyer INT UNSIGNED NULL COMMENT 'null: as configured'`)
  await db.raw(`CREATE TABLE barred_buyers (
    seller_id ${id} NOT NULL,
    buyer_id ${id} NOT NULL,
    barred_at DATETIME(3) NOT NULL,
    PRIMARY KEY (seller_id, buyer_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`ALTER TABLE products
    ADD COLUMN revision INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'grows when name, image or price change'`)
  await db.raw(`CREATE TABLE product_revisions (
    product_id ${id} NOT NULL,
    revision INT UNSIGNED NOT NULL,
    name VARCHAR(100) NOT NULL,
    image_id VARCHAR(32) NULL,
    PRIMARY KEY (product_id, revision)
  ) CHARACTER SET utf8mb4 COMMENT 'never changed: what orders of that revision show'`)
  await db.raw('INSERT INTO product_revisions SELECT id, revision, name, image_id FROM products')
  await db.raw(`CREATE TABLE restocks (
    product_id ${id} NOT NULL,
    request_id CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'hash of the Idempotency-Key',
    units INT NOT NULL,
    PRIMARY KEY (product_id, request_id)
  ) CHARACTER SET utf8mb4 COMMENT 'requests to add units, so that one sent again adds nothing'`)
  await db.raw('ALTER TABLE orders ADD COLUMN product_revision INT UNSIGNED NULL')
  await db.raw('ALTER TABLE order_items ADD COLUMN product_revision INT UNSIGNED NULL')
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
