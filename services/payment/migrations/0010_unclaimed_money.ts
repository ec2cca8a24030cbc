import type { Knex } from 'knex'

/** Money that a gateway took of an order that could not be claimed, and that went back, is entered, too. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE ledger_entries MODIFY kind ENUM('sale', 'refund', 'settlement', 'unclaimed') NOT NULL`)
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
