import type { Knex } from 'knex'

/**
 * Operators read of money that went back; and a hint that comes while a window is being given up is not lost: the payment is looked at again
 * once it has ended.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE payments
    ADD COLUMN hinted_at DATETIME(3) NULL COMMENT 'the gateway said something while a process held it'`)
  await db.raw('ALTER TABLE audit_entries ADD KEY by_action (action, at)')
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
