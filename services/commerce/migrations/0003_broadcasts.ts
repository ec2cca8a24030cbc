import type { Knex } from 'knex'

/** Broadcasts, the products each shows, and which Broadcast objects still have to be brought up to date. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('broadcasts', (table) => {
    table.string('id', 32).primary() // also the name of the Broadcast object and of its playlists
    table.string('seller_id', 32).notNullable().references('accounts.id')
    table.string('title', 100).notNullable()
    table.enum('state', ['scheduled', 'open', 'live', 'interrupted', 'ended']).notNullable()
    table.string('image_id', 32).nullable().references('images.id')
    table.string('pinned_product_id', 32).nullable().references('products.id')
    table.datetime('pinned_at', { precision: 3 }).nullable()
    table.datetime('scheduled_at', { precision: 3 }).nullable()
    table.datetime('opened_at', { precision: 3 }).nullable()
    table.datetime('live_at', { precision: 3 }).nullable()
    table.datetime('ended_at', { precision: 3 }).nullable()
    table.enum('ended_by', ['seller', 'admin', 'object_ended', 'object_deleted']).nullable()
    table.boolean('object_created').notNullable().defaultTo(false)
    table.bigInteger('object_version').unsigned().notNullable().defaultTo(0) // resourceVersion last read
    table.datetime('created_at', { precision: 3 }).notNullable()
    // null unless open: the key leads to one broadcast, so a seller has one at most, whoever races
    table.specificType(
      'open_seller_id',
      `VARCHAR(32) GENERATED ALWAYS AS (IF(state IN ('open', 'live', 'interrupted'), seller_id, NULL)) STORED`,
    )
    table.unique(['open_seller_id'])
    table.index(['state', 'created_at', 'id'])
    table.index(['seller_id', 'created_at', 'id'])
  })
  await db.schema.createTable('broadcast_products', (table) => {
    table.string('broadcast_id', 32).notNullable().references('broadcasts.id').onDelete('CASCADE')
    table.string('product_id', 32).notNullable().references('products.id')
    table.integer('position').unsigned().notNullable()
    table.primary(['broadcast_id', 'product_id'])
    table.index(['product_id'])
  })
  await db.schema.createTable('broadcast_pins', (table) => {
    table.bigIncrements('id')
    table.string('broadcast_id', 32).notNullable().references('broadcasts.id').onDelete('CASCADE')
    table.string('product_id', 32).nullable().references('products.id') // null: nothing pinned from then on
    table.datetime('pinned_at', { precision: 3 }).notNullable()
  })
  await db.schema.createTable('broadcast_object_syncs', (table) => {
    table.string('broadcast_id', 32).primary().references('broadcasts.id').onDelete('CASCADE')
    table.integer('requested').unsigned().notNullable() // grows with each request: a request during a sync is not lost
    table.integer('attempts').unsigned().notNullable().defaultTo(0)
    table.datetime('due_at', { precision: 3 }).notNullable().index()
    table.string('last_error', 255).nullable()
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
