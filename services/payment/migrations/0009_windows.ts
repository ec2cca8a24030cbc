import type { Knex } from 'knex'

const ascii = 'CHARACTER SET ascii COLLATE ascii_bin'

/** Payments whose buyer pays in a gateway's window: where that is, how to come back from it, and until when it is waited for. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE payments
    MODIFY gateway_reference VARCHAR(255) NULL,
    ADD COLUMN method VARCHAR(16) ${ascii} NULL COMMENT 'what was chosen before the window',
    ADD COLUMN window_until DATETIME(3) NULL COMMENT 'null: no window; until when the buyer may come back from it',
    ADD COLUMN window_amount BIGINT UNSIGNED NULL COMMENT 'minor units that the window was opened for',
    ADD COLUMN next_action TEXT NULL COMMENT 'JSON: what the browser does to get to the window',
    ADD COLUMN return_token CHAR(26) ${ascii} NULL COMMENT 'part of the address that the window leads back to',
    ADD COLUMN left_reason VARCHAR(64) NULL COMMENT 'why the buyer came back without having authenticated'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
