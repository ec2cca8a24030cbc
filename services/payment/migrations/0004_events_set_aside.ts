import type { Knex } from 'knex'

/**
 * Events that their receiver refuses again and again are set aside, so that those behind them are told. A process of the
 * version before tries them on, which harms nobody.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE outbox
    ADD COLUMN refusals INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'answers that say the event itself is wrong',
    ADD COLUMN set_aside_at DATETIME(3) NULL COMMENT 'set: refused too often, no longer tried, and no longer waited for',
    ADD COLUMN last_error VARCHAR(255) NULL`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
