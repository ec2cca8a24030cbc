import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'
const text = 'CHARACTER SET utf8mb4'

/**
 * Options and variants. A variant is what is ordered: a row of `products` with a price, a revision and a stock row of its
 * own, so that orders, the ledger and the books are what they were. It is `listed` never: no list shows it, and a process
 * of the version before sells none, but releases, returns and shows what was ordered of one by its product's name.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE products
    ADD COLUMN options TEXT ${text} NULL COMMENT 'JSON, [{name, values}] in order; null: it has none, and is ordered itself',
    ADD COLUMN variant_of ${id} NULL COMMENT 'the product that this is a variant of',
    ADD COLUMN variant_position SMALLINT UNSIGNED NULL COMMENT 'its place among the variants on sale; null: on sale no more',
    ADD COLUMN variant_values TEXT ${text} NULL COMMENT 'JSON, a value for each option of its product',
    ADD COLUMN sku VARCHAR(64) ${text} COLLATE utf8mb4_bin NULL COMMENT 'the code that its seller keeps stock by',
    ADD UNIQUE KEY one_variant_per_sku (seller_id, sku),
    ADD KEY by_product (variant_of, variant_position)`)
  await db.raw(`ALTER TABLE product_revisions
    ADD COLUMN variant_of ${id} NULL,
    ADD COLUMN options TEXT ${text} NULL COMMENT 'JSON, [{name, value}]: what of its product it was'`)
  await db.raw(`ALTER TABLE product_stock
    ADD COLUMN variant_of ${id} NULL COMMENT 'limits per buyer, and their lock, are those of that row',
    ADD KEY by_product (variant_of)`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
