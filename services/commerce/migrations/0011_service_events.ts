import type { Knex } from 'knex'
import { createOutboxTables } from '@mytaek1/platform/outbox.ts'

/** Events to and from payment: outbox and inbox. */
export async function up(db: Knex): Promise<void> {
  await createOutboxTables(db)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
