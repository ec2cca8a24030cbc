import type { Knex } from 'knex'

const states = [
  'REQUESTED',
  'PROCESSING',
  'UNKNOWN',
  'AUTHORIZED',
  'CAPTURED',
  'DECLINED',
  'CANCELED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
]
const id = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin'

/** Payments, their refunds, and the card tokens already used (ids only; a card is never stored). */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('payments', (table) => {
    table.specificType('id', id).primary()
    table.specificType('order_id', id).notNullable()
    table.specificType('buyer_id', id).notNullable()
    table.specificType('seller_id', id).nullable()
    table.bigInteger('amount').unsigned().notNullable() // minor units
    table.specificType('currency', 'CHAR(3)').notNullable()
    table.enum('state', states).notNullable()
    table.enum('claim', ['CLAIMED', 'REFUSED']).nullable() // commerce's answer to payment.authorized
    table.bigInteger('refunded_amount').unsigned().notNullable().defaultTo(0)
    table.string('card_brand', 16).notNullable()
    table.specificType('card_last4', 'CHAR(4)').notNullable()
    table.string('gateway', 32).notNullable()
    table.string('gateway_reference', 64).nullable()
    table.string('failure_reason', 64).nullable()
    table.specificType('idempotency_key', 'VARCHAR(255) COLLATE utf8mb4_bin').notNullable()
    table.specificType('request_hash', 'CHAR(64) CHARACTER SET ascii').notNullable()
    table.datetime('created_at', { precision: 3 }).notNullable()
    table.datetime('updated_at', { precision: 3 }).notNullable()
    table.datetime('next_attempt_at', { precision: 3 }).nullable().index() // null: nothing left to drive
    table.integer('attempts').unsigned().notNullable().defaultTo(0)
    table.unique(['buyer_id', 'idempotency_key'])
    table.index(['order_id'])
  })
  // One payment at a time may hold an order: the generated column is null once a payment failed, and nulls don't collide.
  await db.raw(`ALTER TABLE payments
    ADD COLUMN open_order_id ${id} AS (IF(state IN ('DECLINED', 'CANCELED'), NULL, order_id)) PERSISTENT,
    ADD UNIQUE KEY payments_one_open_per_order (open_order_id),
    ADD CONSTRAINT payments_refund_within_amount CHECK (refunded_amount <= amount)`)
  await db.schema.createTable('refunds', (table) => {
    table.specificType('id', id).primary()
    table.specificType('payment_id', id).notNullable().references('payments.id')
    table.bigInteger('amount').unsigned().notNullable()
    table.boolean('restock').notNullable()
    table.enum('state', ['REQUESTED', 'DONE']).notNullable()
    table.specificType('idempotency_key', 'VARCHAR(255) COLLATE utf8mb4_bin').notNullable()
    table.specificType('request_hash', 'CHAR(64) CHARACTER SET ascii').notNullable()
    table.datetime('created_at', { precision: 3 }).notNullable()
    table.datetime('next_attempt_at', { precision: 3 }).nullable().index()
    table.unique(['payment_id', 'idempotency_key'])
  })
  await db.schema.createTable('used_card_tokens', (table) => {
    table.specificType('id', id).primary()
    table.datetime('used_at', { precision: 3 }).notNullable().index()
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
