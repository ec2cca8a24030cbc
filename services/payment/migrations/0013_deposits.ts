import type { Knex } from 'knex'

/** Payments into a virtual account: where the buyer pays in to and until when, and where money goes back to from there. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE payments
    MODIFY state ENUM('REQUESTED', 'PROCESSING', 'UNKNOWN', 'AUTHORIZED', 'CAPTURED', 'DECLINED', 'CANCELED',
      'PARTIALLY_REFUNDED', 'REFUNDED', 'WAITING_DEPOSIT') NOT NULL,
    ADD COLUMN deposit TEXT NULL COMMENT 'JSON: the account that the buyer pays in to',
    ADD COLUMN refund_account TEXT NULL COMMENT 'JSON: the account that the buyer gets money back on; null again once nothing is left'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
