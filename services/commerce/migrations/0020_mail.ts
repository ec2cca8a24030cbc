import type { Knex } from 'knex'

const id = 'VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Mail: what is to be sent, the tokens of its links, and what an account says of its language and its address.
 *
 * A process of the version before signs up accounts in the default language and writes no mail.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE accounts
    ADD COLUMN locale VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ko' COMMENT 'of its mail',
    ADD COLUMN email_verified_at DATETIME(3) NULL COMMENT 'null: nobody has shown to read its mail'`)
  await db.raw(`CREATE TABLE mail_outbox (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id ${id} NOT NULL UNIQUE COMMENT 'of its Message-ID',
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one mail of a kind for a cause and an account',
    account_id ${id} NULL COMMENT 'null: a reset was asked for an address without an account; nothing is sent',
    data TEXT NOT NULL COMMENT 'JSON; ids and facts, no address, no token',
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NULL COMMENT 'when it is of no use any more',
    due_at DATETIME(3) NULL COMMENT 'when it is tried next: the end of a lease, too; null: nothing is left to do',
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    refusals INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'answers that say this mail is not taken',
    recipient CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'hash of the address it was sent to',
    sent_at DATETIME(3) NULL,
    set_aside_at DATETIME(3) NULL COMMENT 'set: refused or tried too often; a person must look',
    last_error VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'a code, never a text of the server',
    UNIQUE KEY by_cause (kind, cause, account_id),
    KEY by_due (due_at),
    KEY by_recipient (recipient, sent_at),
    KEY by_sent (sent_at),
    KEY by_set_aside (set_aside_at),
    KEY by_account (account_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE account_links (
    sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'of the token, which is kept nowhere',
    account_id ${id} NULL COMMENT 'null: see mail_outbox',
    purpose ENUM('password_reset', 'verify_email') NOT NULL,
    mail_id ${id} NOT NULL UNIQUE,
    expires_at DATETIME(3) NOT NULL,
    KEY by_account (account_id, purpose),
    KEY by_expiry (expires_at)
  ) CHARACTER SET utf8mb4 COMMENT 'links that mails hold; a row is gone once its link was used'`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
