import type { Knex } from 'knex'

/** Whether a broadcast is kept as video on demand. A process of the version before makes broadcasts that are not. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('broadcasts', (table) => {
    table.boolean('recording').notNullable().defaultTo(false)
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
