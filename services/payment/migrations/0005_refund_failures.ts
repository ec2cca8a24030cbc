import type { Knex } from 'knex'

/**
 * Refunds may fail, and are tried with growing waits; payments are listed to buyers and sellers. Events of refunds that said 1 or 0 for `restock`, which commerce
 * refuses, are put right, so that they and those behind them are told.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE refunds
    MODIFY state ENUM('REQUESTED', 'DONE', 'FAILED') NOT NULL,
    ADD COLUMN failure_reason VARCHAR(64) NULL,
    ADD COLUMN attempts INT UNSIGNED NOT NULL DEFAULT 0`)
  await db.raw(`ALTER TABLE payments
    ADD KEY payments_by_buyer (buyer_id, id),
    ADD KEY payments_by_seller (seller_id, id)`)
  await db.raw(`ALTER TABLE simulator_authorizations
    ADD COLUMN refuses_refunds BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the card that was charged cannot be paid back'`)
  for (const [value, word] of [
    [1, 'true'],
    [0, 'false'],
  ]) {
    await db('outbox')
      .where('body', 'like', `%"restock":${value}%`)
      .update({
        body: db.raw('REPLACE(body, ?, ?)', [`"restock":${value}`, `"restock":${word}`]),
        due_at: db.raw('UTC_TIMESTAMP(3)'),
      })
  }
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
