import type { Knex } from 'knex'

/** Answers that a seller keeps ready for the chat: one row of all of them, in the order of the desk. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE chat_answers (
    seller_id VARCHAR(32) NOT NULL PRIMARY KEY,
    revision INT UNSIGNED NOT NULL COMMENT 'grows with each change: who changes them says which one was seen',
    answers TEXT CHARACTER SET utf8mb4 NOT NULL COMMENT 'JSON: [{"title": …, "text": …}]',
    changed_at DATETIME(3) NOT NULL
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
