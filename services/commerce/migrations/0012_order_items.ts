import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Orders of several products: `orders.product_id` is null and the products are in `order_items`. An order of one product
 * stays one row, so a hot product sells as fast as before.
 *
 * A process of the version before passes over such orders: it neither releases nor returns them.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE orders
    MODIFY product_id ${id} NULL COMMENT 'null: several products, see order_items',
    MODIFY quantity INT UNSIGNED NOT NULL COMMENT 'units of all products'`)
  await db.raw(`CREATE TABLE order_items (
    order_id ${id} NOT NULL,
    product_id ${id} NOT NULL,
    quantity INT UNSIGNED NOT NULL,
    unit_amount BIGINT UNSIGNED NOT NULL COMMENT 'minor units of the currency of the order',
    PRIMARY KEY (order_id, product_id)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
