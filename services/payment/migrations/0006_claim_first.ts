import type { Knex } from 'knex'

const key = 'VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Payments claim their order before they charge: amount and seller are known from the claim on. A row is worked on by the
 * process that leases it. `generation` tells the rows of this way from those that a process of the version before still
 * drives. The simulated network speaks another protocol: what it charged before moves over, so that it can be refunded.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE payments
    MODIFY amount BIGINT UNSIGNED NULL COMMENT 'minor units; null until the order is claimed',
    MODIFY currency CHAR(3) NULL,
    MODIFY card_brand VARCHAR(16) NULL COMMENT 'null: no card was shown to us',
    MODIFY card_last4 CHAR(4) NULL,
    ADD COLUMN generation TINYINT UNSIGNED NOT NULL DEFAULT 1,
    ADD COLUMN instrument VARCHAR(1024) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what a hosted window gave; never a card',
    ADD COLUMN lease_owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the process that works on it until next_attempt_at',
    ADD COLUMN charge_by DATETIME(3) NULL COMMENT 'the network takes no charge of this payment after it',
    ADD KEY payments_by_lease (lease_owner)`)
  await db.raw(`ALTER TABLE refunds
    ADD COLUMN lease_owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD KEY refunds_by_lease (lease_owner)`)
  await db.raw(`CREATE TABLE sim_payments (
    payment_key ${key} NOT NULL PRIMARY KEY,
    order_id ${key} NOT NULL UNIQUE,
    status ENUM('READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT', 'DONE', 'ABORTED', 'EXPIRED') NOT NULL,
    amount BIGINT UNSIGNED NOT NULL,
    canceled_amount BIGINT UNSIGNED NOT NULL DEFAULT 0,
    currency CHAR(3) NOT NULL,
    failure_code VARCHAR(64) NULL,
    refuses_cancels BOOLEAN NOT NULL DEFAULT FALSE,
    success_url VARCHAR(2048) NULL,
    fail_url VARCHAR(2048) NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL COMMENT 'until when a session may be confirmed',
    done_at DATETIME(3) NULL COMMENT 'when it was, or will be, charged',
    last_cancel_at DATETIME(3) NULL,
    KEY by_done (done_at)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE sim_cancels (
    idempotency_key ${key} NOT NULL PRIMARY KEY,
    transaction_key ${key} NOT NULL UNIQUE,
    payment_key ${key} NOT NULL,
    amount BIGINT UNSIGNED NOT NULL,
    canceled_at DATETIME(3) NOT NULL,
    KEY by_payment (payment_key)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`INSERT INTO sim_payments
      (payment_key, order_id, status, amount, canceled_amount, currency, refuses_cancels, created_at, expires_at, done_at)
    SELECT reference, REPLACE(auth_key, ':auth', ''), 'DONE', amount, refunded_amount, currency, refuses_refunds,
           UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM simulator_authorizations WHERE status = 'CAPTURED'`)
  await db.raw(`INSERT INTO sim_cancels (idempotency_key, transaction_key, payment_key, amount, canceled_at)
    SELECT r.refund_key, r.refund_key, a.reference, r.amount, UTC_TIMESTAMP(3)
      FROM simulator_refunds r JOIN simulator_authorizations a ON a.auth_key = r.auth_key WHERE a.status = 'CAPTURED'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
