import type { Knex } from 'knex'
import { Product } from '../product.ts'
import type { FileRow } from './read-rows.ts'

const namedOfAQuery = 1_000

/** What rows name of what a seller sells. */
export interface Named {
  /** The product of a row, by its id, a variant's, or a code; undefined: a new one. One that there is not is its own. */
  productOf: (row: FileRow) => string | undefined
  /** What has a code: a product, or a variant. */
  ownerOfSku: (sku: string) => string | undefined
}

/** Finds what the rows of a whole file name, a thousand a query. */
export async function findNamed(db: Knex, sellerId: string, rows: readonly FileRow[]): Promise<Named> {
  const skus = rows.flatMap(({ cells }) => cells.sku ?? [])
  const variantIds = rows.flatMap(({ cells }) => (cells.productId === undefined ? (cells.variantId ?? []) : []))
  const bySku = new Map((await findBy(db, sellerId, 'sku', skus)).map((row) => [row.sku, row]))
  const byId = new Map((await findBy(db, sellerId, 'id', variantIds)).map((row) => [row.id, row]))
  return {
    productOf: ({ cells: { productId, variantId, sku } }) => {
      if (productId !== undefined) return productId
      const found = variantId === undefined ? bySku.get(sku ?? null) : byId.get(variantId)
      return found?.variantOf ?? found?.id
    },
    ownerOfSku: (sku) => bySku.get(sku)?.id,
  }
}

type Found = Pick<Product, 'id' | 'variantOf' | 'sku'>

async function findBy(db: Knex, sellerId: string, column: 'sku' | 'id', values: readonly string[]): Promise<Found[]> {
  const found: Found[] = []
  for (let from = 0; from < values.length; from += namedOfAQuery) {
    const some = values.slice(from, from + namedOfAQuery)
    found.push(
      ...(await Product.query(db).where('seller_id', sellerId).whereIn(column, some).select('id', 'variant_of', 'sku')),
    )
  }
  return found
}
