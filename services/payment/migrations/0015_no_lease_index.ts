import type { Knex } from 'knex'

/** Rows are found by their ids or by when they are due: who holds them is looked at there, and each payment wrote its index twice. */
export async function up(db: Knex): Promise<void> {
  await db.raw('ALTER TABLE payments DROP KEY payments_by_lease')
  await db.raw('ALTER TABLE refunds DROP KEY refunds_by_lease')
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
