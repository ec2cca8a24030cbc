import type { Knex } from 'knex'

/**
 * What buyers paid and what a gateway pays out may be in different currencies: lines have both, days have sums in each, and
 * `exchange` is the ledger's account between them. What is null was settled in the payment's currency.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE settlement_lines
    ADD COLUMN currency CHAR(3) CHARACTER SET ascii NULL COMMENT 'of charged and returned',
    ADD COLUMN gross BIGINT NULL COMMENT 'what charged less returned became in payout_currency',
    ADD COLUMN payout_currency CHAR(3) CHARACTER SET ascii NULL COMMENT 'of gross, fee and payout'`)
  await db.raw(`ALTER TABLE settlement_days ADD COLUMN sums TEXT NULL COMMENT 'JSON: payout and fees by currency'`)
  await db.raw(`ALTER TABLE settlement_differences ADD COLUMN currency CHAR(3) CHARACTER SET ascii NULL`)
  await db.raw(`ALTER TABLE ledger_entries MODIFY account
    ENUM('gateway_receivable', 'seller_payable', 'refunds', 'fees', 'bank', 'suspense', 'exchange') NOT NULL`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
