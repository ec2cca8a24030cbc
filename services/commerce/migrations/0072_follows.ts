import type { Knex } from 'knex'

const id = 'VARCHAR(32)' // as `broadcasts` and `accounts` have them

/**
 * Hearts of a show, who follows a seller, and which followers are still to be told that a show has begun.
 *
 * A process of the version before counts no hearts; a show that it sees begin tells nobody.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE broadcasts
    ADD COLUMN hearts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'some seconds behind what Redis counts'`)
  await db.raw(`CREATE TABLE follows (
    follower_id ${id} NOT NULL,
    seller_id ${id} NOT NULL,
    notify BOOLEAN NOT NULL COMMENT 'wants a mail when a show begins',
    followed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (follower_id, seller_id),
    KEY by_seller (seller_id, follower_id)
  ) CHARACTER SET utf8mb4`)
  await db.raw(`CREATE TABLE seller_followers (
    seller_id ${id} NOT NULL PRIMARY KEY,
    followers INT UNSIGNED NOT NULL
  ) CHARACTER SET utf8mb4 COMMENT 'rows of follows, counted in their transactions'`)
  await db.raw(`CREATE TABLE show_starts (
    broadcast_id ${id} NOT NULL PRIMARY KEY COMMENT 'a show begins once',
    started_at DATETIME(3) NOT NULL,
    told_to ${id} NOT NULL DEFAULT '' COMMENT 'followers up to this id have their mails',
    done_at DATETIME(3) NULL,
    KEY by_done (done_at, started_at)
  ) CHARACTER SET utf8mb4`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
