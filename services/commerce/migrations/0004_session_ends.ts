import type { Knex } from 'knex'

/** Sessions that ended lately are read every two seconds: their access tokens are refused before they expire. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('sessions', (table) => {
    table.index(['ended_at'])
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
