import type { Knex } from 'knex'

const key = 'VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin'

/** The simulated card network's ledger. It lies beside the payments for a trial's sake; nothing joins the two. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('simulator_authorizations', (table) => {
    table.specificType('auth_key', key).primary()
    table.string('reference', 64).notNullable()
    table.enum('status', ['AUTHORIZED', 'CAPTURED', 'VOIDED', 'DECLINED', 'ABANDONED']).notNullable()
    table.string('reason', 64).nullable()
    table.bigInteger('amount').unsigned().notNullable()
    table.specificType('currency', 'CHAR(3)').notNullable()
    table.bigInteger('refunded_amount').unsigned().notNullable().defaultTo(0)
  })
  await db.schema.createTable('simulator_refunds', (table) => {
    table.specificType('refund_key', key).primary()
    table.specificType('auth_key', key).notNullable()
    table.bigInteger('amount').unsigned().notNullable()
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
