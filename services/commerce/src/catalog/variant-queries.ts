import type { Knex } from 'knex'
import { stockOf } from '../inventory/stock-levels.ts'
import { Product } from './product.ts'
import { readValues } from './variant.ts'

/** A variant that can be ordered. */
export interface Variant {
  id: string
  values: string[]
  price: { amount: number; currency: string }
  stock: number
  version: number
  revision: number
  sku: string | null
}

/** The variants of a product that are on sale, in the seller's order; a product has a hundred at most. */
export async function variantsOf(db: Knex | Knex.Transaction, productId: string): Promise<Variant[]> {
  const rows = await Product.query(db)
    .where('variant_of', productId)
    .whereNotNull('variant_position')
    .orderBy('variant_position')
  const levels = await stockOf(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => {
    const { stock = 0, version = 0 } = levels.get(row.id) ?? {}
    const price = { amount: row.priceAmount, currency: row.priceCurrency }
    const { id, revision, sku } = row
    return { id, values: readValues(row.variantValues), price, stock, version, revision, sku }
  })
}

/** Whether something is a variant of a product that can be ordered. */
export async function isVariantOf(db: Knex, { productId, variantId }: { productId: string; variantId: string }) {
  const row = await Product.query(db)
    .findById(variantId)
    .where('variant_of', productId)
    .whereNotNull('variant_position')
    .select('id')
  return row !== undefined
}
