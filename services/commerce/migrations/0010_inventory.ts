import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Stock, orders and the ledger between them. `product_stock` is the one row that every writer of a product's stock locks.
 * The books of a product: supplied = stock + units of its orders that were not returned.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE product_stock (
    product_id ${id} NOT NULL PRIMARY KEY,
    stock INT NOT NULL,
    supplied INT NOT NULL COMMENT 'all units ever put on sale',
    version BIGINT UNSIGNED NOT NULL COMMENT 'grows by one with every change of stock',
    limit_per_buyer INT UNSIGNED NULL COMMENT 'units one buyer may hold or have bought',
    CHECK (stock >= 0)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE orders (
    id ${id} NOT NULL PRIMARY KEY,
    request_id CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'hash of the Idempotency-Key',
    buyer_id ${id} NOT NULL,
    product_id ${id} NOT NULL,
    broadcast_id ${id} NULL,
    quantity INT UNSIGNED NOT NULL,
    total_amount BIGINT UNSIGNED NOT NULL COMMENT 'minor units',
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state ENUM('RESERVED', 'PAID', 'RELEASED', 'REFUNDED') NOT NULL DEFAULT 'RESERVED',
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    payment_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the authorised payment that claims it',
    claimed_at DATETIME(3) NULL COMMENT 'set: the reservation no longer expires',
    settled_at DATETIME(3) NULL COMMENT 'when it became PAID, RELEASED or REFUNDED',
    UNIQUE KEY one_order_per_request (buyer_id, request_id),
    KEY by_expiry (state, expires_at)
  ) CHARACTER SET utf8mb4 COMMENT 'each further index would cost a third of the rate at which a hot product sells'`)
  await db.raw(`CREATE TABLE stock_ledger (
    order_id ${id} NOT NULL,
    kind ENUM('RESERVE', 'RETURN') NOT NULL,
    product_id ${id} NOT NULL,
    delta INT NOT NULL COMMENT 'units; negative leaves the stock',
    version BIGINT UNSIGNED NOT NULL COMMENT 'the version of product_stock that it made',
    PRIMARY KEY (product_id, order_id, kind)
  ) CHARACTER SET utf8mb4 COMMENT 'an order leaves the stock once and returns to it once, whatever the reason'`)
  await db.raw(`CREATE TABLE stock_events (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id ${id} NOT NULL,
    version BIGINT UNSIGNED NOT NULL,
    stock INT NOT NULL COMMENT 'after the change',
    delta INT NOT NULL,
    at DATETIME(3) NOT NULL,
    KEY by_version (product_id, version)
  ) CHARACTER SET utf8mb4 COMMENT 'one row a change of stock: what viewers are told'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
