import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Waiting lists: who came when nothing was left, in order. `waiting` of a stock row says whether anybody does, so that the
 * transactions of all other products ask nothing more. A unit that is offered is neither in stock nor in an order: the
 * books of a product are supplied = stock + offered + units of its orders that were not returned.
 *
 * A process of the version before sells what is in stock, so never what is offered; units that it takes back are offered
 * to nobody until something else moves the list. Its audit of all books counts offers as faults.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE product_stock
    ADD COLUMN waiting INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'rows of waiting_places',
    ADD COLUMN offered INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'those with an offer: a unit each, which is not in stock'`)
  await db.raw(`CREATE TABLE waiting_places (
    product_id ${id} NOT NULL COMMENT 'what is ordered: of a product with options the variant',
    ticket INT UNSIGNED NOT NULL COMMENT 'the lower comes first',
    buyer_id ${id} NOT NULL,
    offered BOOLEAN NOT NULL DEFAULT 0 COMMENT 'a unit is kept for it',
    ends_at DATETIME(3) NOT NULL COMMENT 'of an offer, or of waiting in vain',
    PRIMARY KEY (product_id, ticket),
    UNIQUE KEY one_place_per_buyer (buyer_id, product_id),
    KEY by_end (ends_at)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
