import type { Knex } from 'knex'

/** Accounts, their stream key (a hash), and sessions as families of refresh tokens (hashes). */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('accounts', (table) => {
    table.string('id', 32).primary()
    table.string('email', 254).notNullable().unique() // lower case, trimmed: `normaliseEmail`
    table.string('display_name', 50).notNullable()
    table.string('password_hash', 255).notNullable() // argon2id in PHC form
    table.enum('role', ['viewer', 'seller', 'admin']).notNullable()
    table.datetime('created_at', { precision: 3 }).notNullable()
  })
  await db.schema.createTable('stream_keys', (table) => {
    table.string('account_id', 32).primary().references('accounts.id').onDelete('CASCADE')
    table.specificType('sha256', 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin').notNullable().unique()
    table.string('last4', 4).nullable() // shown in the studio; null once revoked
    table.datetime('issued_at', { precision: 3 }).notNullable()
    table.datetime('revoked_at', { precision: 3 }).nullable()
  })
  await db.schema.createTable('sessions', (table) => {
    table.string('id', 32).primary()
    table.string('account_id', 32).notNullable().references('accounts.id').onDelete('CASCADE')
    table.datetime('created_at', { precision: 3 }).notNullable()
    table.datetime('expires_at', { precision: 3 }).notNullable().index()
    table.datetime('ended_at', { precision: 3 }).nullable()
    table.enum('ended_by', ['sign_out', 'reuse', 'admin']).nullable()
  })
  await db.schema.createTable('refresh_tokens', (table) => {
    table.specificType('sha256', 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin').primary()
    table.string('session_id', 32).notNullable().references('sessions.id').onDelete('CASCADE')
    table.datetime('issued_at', { precision: 3 }).notNullable()
    table.datetime('used_at', { precision: 3 }).nullable() // set: a second use is theft
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
