import type { Knex } from 'knex'

// ids as `broadcasts` and `accounts` have them, so that a join can use the key
const id = 'VARCHAR(32)'
const word = (length: number) => `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin`
const text = (length: number) => `VARCHAR(${length}) CHARACTER SET utf8mb4`

/**
 * Who may say what in a show's chat: rules of a seller, how the chat of one show is set, who is kept from it, what was
 * reported, and who did what about it. What is said stays in Redis.
 *
 * A process of the version before knows none of it: what it takes is not judged by these rules.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE chat_rules (
    seller_id ${id} NOT NULL PRIMARY KEY,
    revision INT UNSIGNED NOT NULL COMMENT 'grows with each change: what was read of them before is old',
    banned_words TEXT CHARACTER SET utf8mb4 NOT NULL COMMENT 'JSON',
    links ENUM('staff', 'everybody') NOT NULL,
    changed_at DATETIME(3) NOT NULL
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE broadcast_chats (
    broadcast_id ${id} NOT NULL PRIMARY KEY,
    revision INT UNSIGNED NOT NULL COMMENT 'a screen keeps the highest that it was told',
    frozen BOOLEAN NOT NULL DEFAULT 0,
    slow_seconds SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    notice TEXT CHARACTER SET utf8mb4 NULL COMMENT 'JSON: what stands over the chat',
    notice_chat_id ${word(40)} NULL COMMENT 'the message that it is; null: it is none',
    notice_author_id ${id} NULL,
    changed_at DATETIME(3) NOT NULL
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE chat_restrictions (
    seller_id ${id} NOT NULL,
    account_id ${id} NOT NULL,
    kind ENUM('mute', 'ban', 'shadow') NOT NULL,
    until_at DATETIME(3) NULL COMMENT 'null: for good',
    made_at DATETIME(3) NOT NULL,
    made_by ${id} NOT NULL,
    PRIMARY KEY (seller_id, account_id),
    KEY by_account (account_id),
    KEY by_end (until_at)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE chat_reports (
    id ${id} NOT NULL PRIMARY KEY,
    broadcast_id ${id} NOT NULL,
    seller_id ${id} NOT NULL,
    chat_id ${word(40)} NOT NULL,
    author_id ${id} NOT NULL,
    author_name ${text(50)} NOT NULL,
    message ${text(200)} NOT NULL COMMENT 'as it was said: it may be gone from the chat',
    reason ENUM('abuse', 'spam', 'fraud', 'other') NOT NULL COMMENT 'of who reported it first',
    state ENUM('open', 'removed', 'kept') NOT NULL DEFAULT 'open',
    reported_at DATETIME(3) NOT NULL,
    decided_at DATETIME(3) NULL,
    decided_by ${id} NULL,
    UNIQUE KEY by_message (broadcast_id, chat_id),
    KEY by_seller (seller_id, state, reported_at, id),
    KEY by_state (state, reported_at, id),
    KEY by_author (author_id),
    KEY by_time (reported_at)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE chat_reporters (
    report_id ${id} NOT NULL,
    account_id ${id} NOT NULL,
    PRIMARY KEY (report_id, account_id),
    KEY by_account (account_id)
  ) CHARACTER SET utf8mb4 COMMENT 'who reported a message: each counts once'`)
  await db.raw(`CREATE TABLE chat_acts (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    broadcast_id ${id} NOT NULL,
    at DATETIME(3) NOT NULL,
    actor_id ${id} NOT NULL,
    actor_role ${word(16)} NOT NULL,
    act ${word(32)} NOT NULL,
    account_id ${id} NULL COMMENT 'whom it was done to',
    details ${text(300)} NOT NULL,
    KEY by_broadcast (broadcast_id, seq),
    KEY by_account (account_id),
    KEY by_time (at)
  ) CHARACTER SET utf8mb4 COMMENT 'who did what in a chat, and when'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
