import type { Knex } from 'knex'

/** How many watched a show, minute by minute: what its seller reads beside the sales afterwards. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE broadcast_minutes (
    broadcast_id VARCHAR(32) NOT NULL,
    minute DATETIME NOT NULL,
    viewers INT UNSIGNED NOT NULL COMMENT 'the most that were counted at once',
    PRIMARY KEY (broadcast_id, minute)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
