import type { Knex } from 'knex'

/** The tables that appendEvent, the relay and receiveEvent use, as the services' migrations leave them. */
export async function createOutboxTables(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE outbox (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    target VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body TEXT NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    due_at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY by_key (target, event_key, seq),
    KEY by_due (due_at)
  )`)
  await db.raw(`CREATE TABLE inbox (
    event_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    received_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY by_time (received_at)
  )`)
  await db.raw(`ALTER TABLE outbox
    ADD COLUMN refusals INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'answers that say the event itself is wrong',
    ADD COLUMN set_aside_at DATETIME(3) NULL COMMENT 'set: refused too often, no longer tried, and no longer waited for',
    ADD COLUMN last_error VARCHAR(255) NULL`)
}
