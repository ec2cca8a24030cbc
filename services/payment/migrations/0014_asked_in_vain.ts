import type { Knex } from 'knex'

/**
 * A gateway is asked for so long and no longer: since when it was in vain, and why. Money that no order is paid with, and that
 * did not go back yet, is written down, so that buyers are asked for an account and people see it. Nothing is copied.
 */
export async function up(db: Knex): Promise<void> {
  const asked = `ADD COLUMN asked_since DATETIME(3) NULL COMMENT 'since when it is asked about in vain',
    ADD COLUMN last_word VARCHAR(64) NULL COMMENT 'why it is asked again'`
  await db.raw(`ALTER TABLE payments ${asked},
    ADD COLUMN owed_amount BIGINT UNSIGNED NULL COMMENT 'minor units that a gateway took, no order is paid with, and are to go back',
    ADD COLUMN owed_currency CHAR(3) CHARACTER SET ascii NULL,
    ADD COLUMN owed_since DATETIME(3) NULL, ALGORITHM=INSTANT`)
  await db.raw(`ALTER TABLE refunds ${asked}, ALGORITHM=INSTANT`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
