import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'
const address = `
    recipient VARCHAR(50) NOT NULL,
    phone VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ISO 3166-1 alpha-2',
    postal_code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    road_address VARCHAR(200) NOT NULL,
    detail VARCHAR(100) NOT NULL,
    memo VARCHAR(100) NOT NULL`

/**
 * The way of an order from its payment to a doorstep, and back. All of it is beside `orders`, by order id: the rows that a
 * sale writes stay as they are, and a process of the version before sells on without knowing of any of this.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw('ALTER TABLE products ADD COLUMN requires_shipping BOOLEAN NOT NULL DEFAULT 1')
  await db.raw(`CREATE TABLE addresses (
    id ${id} NOT NULL PRIMARY KEY,
    account_id ${id} NOT NULL,${address},
    is_default BOOLEAN NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    KEY by_account (account_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE order_addresses (
    order_id ${id} NOT NULL PRIMARY KEY,${address},
    written_at DATETIME(3) NOT NULL,
    KEY by_time (written_at)
  ) CHARACTER SET utf8mb4 COMMENT 'as it was given for this order, whatever becomes of the address book'`)
  await db.raw(`CREATE TABLE fulfilments (
    order_id ${id} NOT NULL PRIMARY KEY,
    seller_id ${id} NOT NULL,
    buyer_id ${id} NOT NULL,
    state ENUM('PAID', 'PREPARING', 'SHIPPED', 'DELIVERED', 'CONFIRMED', 'CANCELED', 'RETURNED') NOT NULL DEFAULT 'PAID',
    requires_shipping BOOLEAN NOT NULL,
    paid_at DATETIME(3) NOT NULL,
    carrier VARCHAR(40) CHARACTER SET utf8mb4 NULL,
    tracking_number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    shipped_at DATETIME(3) NULL,
    delivered_at DATETIME(3) NULL,
    ended_at DATETIME(3) NULL COMMENT 'when it became CONFIRMED, CANCELED or RETURNED',
    KEY by_seller (seller_id, order_id),
    KEY by_seller_state (seller_id, state, order_id),
    KEY by_delivery (state, delivered_at)
  ) CHARACTER SET utf8mb4 COMMENT 'one row an order that was paid for'`)
  await db.raw(`CREATE TABLE fulfilment_events (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id ${id} NOT NULL,
    at DATETIME(3) NOT NULL,
    actor_id ${id} NOT NULL,
    actor_role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    details VARCHAR(300) CHARACTER SET utf8mb4 NOT NULL COMMENT 'never an address',
    KEY by_order (order_id, seq)
  ) CHARACTER SET utf8mb4 COMMENT 'who did what to an order, and when'`)
  await db.raw(`CREATE TABLE claims (
    id ${id} NOT NULL PRIMARY KEY,
    order_id ${id} NOT NULL,
    seller_id ${id} NOT NULL,
    buyer_id ${id} NOT NULL,
    kind ENUM('CANCEL', 'RETURN') NOT NULL,
    state ENUM('REQUESTED', 'COLLECTING', 'DONE', 'REJECTED', 'WITHDRAWN') NOT NULL,
    reason VARCHAR(200) NOT NULL COMMENT 'of whoever asked',
    answer VARCHAR(200) NOT NULL COMMENT 'of the seller who rejected it',
    restock BOOLEAN NULL,
    refund_state ENUM('REQUESTED', 'DONE', 'FAILED') NULL COMMENT 'null: nothing goes back',
    refund_amount BIGINT UNSIGNED NULL COMMENT 'minor units; null: all that is left',
    refund_reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'why it failed',
    refund_told_at DATETIME(3) NULL COMMENT 'when payment was last told',
    created_at DATETIME(3) NOT NULL,
    ended_at DATETIME(3) NULL,
    KEY by_order (order_id),
    KEY by_seller (seller_id, state, id),
    KEY by_refund (refund_state, refund_told_at)
  ) CHARACTER SET utf8mb4 COMMENT 'what buyers ask for: an order called off, units sent back'`)
  await db.raw(`CREATE TABLE claim_items (
    claim_id ${id} NOT NULL,
    product_id ${id} NOT NULL,
    quantity INT UNSIGNED NOT NULL,
    PRIMARY KEY (claim_id, product_id)
  ) CHARACTER SET utf8mb4`)
  // PREPARING, not PAID: their sellers may have sent them by other ways, so a buyer does not call them off alone
  await db.raw(`INSERT INTO fulfilments (order_id, seller_id, buyer_id, state, requires_shipping, paid_at)
    SELECT orders.id, MIN(products.seller_id), orders.buyer_id, 'PREPARING', 1, COALESCE(orders.settled_at, orders.created_at)
      FROM orders
      LEFT JOIN order_items ON order_items.order_id = orders.id
      JOIN products ON products.id = COALESCE(orders.product_id, order_items.product_id)
     WHERE orders.state = 'PAID' GROUP BY orders.id, orders.buyer_id, orders.settled_at, orders.created_at`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
