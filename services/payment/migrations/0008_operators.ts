import type { Knex } from 'knex'

const id = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin'

/** When a refund ended, for its statutory clock; and who did what to payments, which is only ever added to. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE refunds
    ADD COLUMN ended_at DATETIME(3) NULL,
    ADD KEY refunds_by_state (state, created_at)`)
  await db.raw(`UPDATE refunds SET ended_at = created_at WHERE state <> 'REQUESTED'`)
  await db.raw(`CREATE TABLE audit_entries (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(3) NOT NULL,
    actor_id ${id} NOT NULL,
    actor_role VARCHAR(16) CHARACTER SET ascii NOT NULL,
    action VARCHAR(32) CHARACTER SET ascii NOT NULL,
    subject ${id} NOT NULL COMMENT 'the id of a payment or an event',
    details VARCHAR(512) NOT NULL DEFAULT '',
    KEY by_subject (subject, seq)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
