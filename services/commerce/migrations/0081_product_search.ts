import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * What products are found by. MariaDB has no n-gram parser for FULLTEXT, and words in Korean are not between spaces: so
 * each two neighbouring characters of a name are a row, and the whole of it is compared afterwards.
 *
 * A process of the version before writes neither; what it leaves out is made up for by the service itself.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE product_search (
    product_id ${id} NOT NULL PRIMARY KEY,
    text VARCHAR(420) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'the name without case and spaces, then its initial consonants'
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE product_grams (
    gram VARCHAR(2) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'a character and the one behind it; alone at the end',
    product_id ${id} NOT NULL,
    PRIMARY KEY (gram, product_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`ALTER TABLE products
    ADD KEY by_category (category, created_at, id),
    ADD KEY by_price (price_currency, price_amount, id)`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
