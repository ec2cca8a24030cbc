import type { Knex } from 'knex'

// as `accounts` has them
const id = 'VARCHAR(32)'

/**
 * Who keeps a seller's chats in order beside the seller: a row is the whole permission, and taking it away ends it. Whom a seller
 * names by an e-mail address is asked first: nobody learns by that whether the address has an account, or whose it is.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE chat_moderators (
    seller_id ${id} NOT NULL,
    account_id ${id} NOT NULL,
    named_at DATETIME(3) NOT NULL,
    PRIMARY KEY (seller_id, account_id),
    KEY by_account (account_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE chat_moderator_invites (
    id ${id} NOT NULL PRIMARY KEY,
    seller_id ${id} NOT NULL,
    email VARCHAR(254) CHARACTER SET utf8mb4 NOT NULL COMMENT 'as accounts have theirs',
    invited_at DATETIME(3) NOT NULL,
    UNIQUE KEY one_a_seller (seller_id, email),
    KEY by_email (email),
    KEY by_time (invited_at)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
