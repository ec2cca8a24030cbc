import type { Knex } from 'knex'

const key = 'VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin'

/** The simulated network's own books: what was charged, and each cancel of it. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE ledger_payments (
    payment_key ${key} NOT NULL PRIMARY KEY,
    order_id ${key} NOT NULL UNIQUE,
    idempotency_key ${key} NOT NULL COMMENT 'of the request that made it: the same again is answered as before',
    method VARCHAR(16) NOT NULL,
    status ENUM('READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT', 'DONE', 'ABORTED', 'EXPIRED') NOT NULL,
    amount BIGINT UNSIGNED NOT NULL,
    canceled_amount BIGINT UNSIGNED NOT NULL DEFAULT 0,
    deposited_amount BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'came in to its virtual account; less than the amount pays nothing',
    currency CHAR(3) NOT NULL,
    failure_code VARCHAR(64) NULL,
    cancels ENUM('TAKEN', 'REFUSED', 'SILENT') NOT NULL DEFAULT 'TAKEN' COMMENT 'what the card does with a cancel',
    account_number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'virtual account',
    success_url VARCHAR(2048) NULL,
    fail_url VARCHAR(2048) NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL COMMENT 'until when a session may be confirmed, or paid in',
    done_at DATETIME(3) NULL COMMENT 'when it was, or will be, charged',
    undone_until DATETIME(3) NULL COMMENT 'a deposit that was called DONE goes back to WAITING_FOR_DEPOSIT until then',
    last_cancel_at DATETIME(3) NULL,
    KEY by_done (done_at)
  )`)
  await db.raw(`CREATE TABLE ledger_cancels (
    idempotency_key ${key} NOT NULL PRIMARY KEY,
    transaction_key ${key} NOT NULL UNIQUE,
    payment_key ${key} NOT NULL,
    amount BIGINT UNSIGNED NOT NULL,
    canceled_at DATETIME(3) NOT NULL,
    KEY by_payment (payment_key),
    KEY by_time (canceled_at)
  )`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
