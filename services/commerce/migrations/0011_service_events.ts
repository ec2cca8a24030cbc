import type { Knex } from 'knex'

/** Events to and from payment: outbox and inbox. */
export async function up(db: Knex): Promise<void> {
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
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE inbox (
    event_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    received_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY by_time (received_at)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
