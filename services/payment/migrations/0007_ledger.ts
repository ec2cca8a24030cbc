import type { Knex } from 'knex'

const id = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * The double-entry ledger, what gateways settled by day, and where the two differ. Payments and refunds of before are
 * entered as they stand; a process of the version before goes on without entries, which the daily audit adds.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE ledger_entries (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    deed VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what is entered: the id of a payment or a refund, or a settled reference with its day',
    kind ENUM('sale', 'refund', 'settlement') NOT NULL,
    account ENUM('gateway_receivable', 'seller_payable', 'refunds', 'fees', 'bank', 'suspense') NOT NULL,
    amount BIGINT NOT NULL COMMENT 'minor units: debit above zero, credit below; those of a deed sum to zero',
    currency CHAR(3) NOT NULL,
    payment_id ${id} NULL,
    seller_id ${id} NULL COMMENT 'set on what a seller is owed, gave back or is charged',
    gateway VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at DATETIME(3) NOT NULL,
    UNIQUE KEY once_a_deed (deed, account),
    KEY by_payment (payment_id),
    KEY by_seller (seller_id, at),
    KEY by_time (at)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE settlement_days (
    gateway VARCHAR(32) CHARACTER SET ascii NOT NULL,
    day DATE NOT NULL COMMENT 'of the gateway',
    leased_until DATETIME(3) NOT NULL,
    compared_at DATETIME(3) NULL,
    payments INT UNSIGNED NOT NULL DEFAULT 0,
    payout BIGINT NOT NULL DEFAULT 0,
    fees BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (gateway, day)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE settlement_lines (
    gateway VARCHAR(32) CHARACTER SET ascii NOT NULL,
    reference VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    payment_id ${id} NULL COMMENT 'as the gateway says',
    charged BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    PRIMARY KEY (gateway, reference, day),
    KEY by_day (gateway, day)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE settlement_differences (
    gateway VARCHAR(32) CHARACTER SET ascii NOT NULL,
    reference VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    payment_id ${id} NULL,
    kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    ours BIGINT NOT NULL,
    theirs BIGINT NOT NULL,
    found_at DATETIME(3) NOT NULL,
    resolved_at DATETIME(3) NULL,
    PRIMARY KEY (gateway, reference),
    KEY by_open (resolved_at, found_at)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`ALTER TABLE payments ADD KEY payments_by_reference (gateway_reference)`)
  const columns = '(deed, kind, account, amount, currency, payment_id, seller_id, gateway, at)'
  const taken = `state IN ('CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED') AND amount > 0`
  await db.raw(`INSERT INTO ledger_entries ${columns}
    SELECT id, 'sale', 'gateway_receivable', amount, currency, id, NULL, gateway, created_at FROM payments WHERE ${taken}
    UNION ALL
    SELECT id, 'sale', 'seller_payable', -CAST(amount AS SIGNED), currency, id, seller_id, gateway, created_at FROM payments WHERE ${taken}`)
  const from = `FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE r.state = 'DONE'`
  await db.raw(`INSERT INTO ledger_entries ${columns}
    SELECT r.id, 'refund', 'refunds', r.amount, p.currency, p.id, p.seller_id, p.gateway, r.created_at ${from}
    UNION ALL
    SELECT r.id, 'refund', 'gateway_receivable', -CAST(r.amount AS SIGNED), p.currency, p.id, NULL, p.gateway, r.created_at ${from}`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
