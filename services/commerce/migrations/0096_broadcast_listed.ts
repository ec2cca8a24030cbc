import type { Knex } from 'knex'

/**
 * Whether lists have a broadcast. A process of the version before makes broadcasts that are listed, and lists those that are
 * not: a rehearsal during a roll-out may be seen.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('broadcasts', (table) => {
    table.boolean('listed').notNullable().defaultTo(true)
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
