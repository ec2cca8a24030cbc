import type { Knex } from 'knex'

/** Why the platform refused a broadcast. A process of the version before never writes the new end, and may read it. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('broadcasts', (table) => {
    table.enum('ended_by', ['seller', 'admin', 'object_ended', 'object_deleted', 'refused']).nullable().alter()
    table.string('refusal', 255).nullable()
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
