import type { Knex } from 'knex'

/** Images (their files are in S3 under names that never change) and products; stock has its own table. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('images', (table) => {
    table.string('id', 32).primary() // from the content, so the same picture has one set of files
    table.integer('width').unsigned().notNullable() // of the original, pixels, upright
    table.integer('height').unsigned().notNullable()
    table.datetime('created_at', { precision: 3 }).notNullable()
  })
  await db.schema.createTable('products', (table) => {
    table.string('id', 32).primary()
    table.string('seller_id', 32).notNullable().references('accounts.id')
    table.string('name', 100).notNullable()
    table.string('description', 2000).notNullable()
    table.bigInteger('price_amount').unsigned().notNullable() // minor units
    table.specificType('price_currency', 'CHAR(3) CHARACTER SET ascii COLLATE ascii_bin').notNullable()
    table.string('image_id', 32).nullable().references('images.id')
    table.boolean('listed').notNullable().defaultTo(true) // not listed: hidden from lists, not orderable
    table.datetime('created_at', { precision: 3 }).notNullable()
    table.datetime('updated_at', { precision: 3 }).notNullable()
    table.index(['seller_id', 'created_at', 'id'])
    table.index(['created_at', 'id'])
  })
}

/** Migrations only go forward. */
export async function down(): Promise<void> {
  throw new Error('Migrations are forward only')
}
