import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Several pictures of a product, in order, and whether it is shown to anybody yet.
 *
 * Which picture leads is `products.image_id` still: a process of the version before sets that alone, and a row at position
 * 0 says only what its picture is called. A draft is not listed, so that process neither shows nor sells it.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE product_pictures (
    product_id ${id} NOT NULL,
    position TINYINT UNSIGNED NOT NULL COMMENT '0: the lead, if it is the product’s image still',
    image_id ${id} NOT NULL,
    alt VARCHAR(200) NOT NULL COMMENT 'what it shows, in words; empty: nothing that the name does not say',
    PRIMARY KEY (product_id, position),
    UNIQUE KEY once (product_id, image_id),
    KEY by_image (image_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`ALTER TABLE products
    ADD COLUMN draft BOOLEAN NOT NULL DEFAULT 0 COMMENT 'only its seller sees it; of one that is listed it says nothing',
    ADD COLUMN category VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
