import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/** Whose business a seller's is: what the law has shops show, and what receipts carry. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE seller_businesses (
    account_id ${id} NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    representative VARCHAR(50) NOT NULL,
    business_number CHAR(10) CHARACTER SET ascii NOT NULL COMMENT 'digits',
    mail_order_number VARCHAR(40) NOT NULL,
    address VARCHAR(200) NOT NULL,
    phone VARCHAR(20) CHARACTER SET ascii NOT NULL,
    updated_at DATETIME(3) NOT NULL
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
