import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { stockOf } from '../../inventory/stock-levels.ts'
import { isDraft, Product } from '../product.ts'
import { readOptions, readValues, type ProductOption } from '../variant.ts'

/** What is sold under one price and one stock: a product without options, or a variant. */
export interface KnownUnit {
  id: string
  sku: string | null
  price: Money
  stock: number
  version: number // of the stock
}

/** A product as files have it: all that is sold of it, and none that is sold no more. */
export interface KnownProduct {
  id: string
  name: string
  description: string
  category: string | null
  state: 'draft' | 'on_sale' | 'hidden'
  requiresShipping: boolean
  limitPerBuyer: number | null
  options: ProductOption[]
  /** Of a product with options; its own price and stock are those of its variants then. */
  variants: (KnownUnit & { values: string[] })[]
  own: KnownUnit
}

/** Reads products as files have them, three queries for all. */
export async function readKnown(db: Knex | Knex.Transaction, products: readonly Product[]): Promise<KnownProduct[]> {
  const withOptions = products.filter(({ options }) => options !== null).map(({ id }) => id)
  const variants = await Product.query(db)
    .whereIn('variant_of', withOptions)
    .whereNotNull('variant_position')
    .orderBy('variant_position')
  const levels = await stockOf(
    db,
    [...products, ...variants].map(({ id }) => id),
  )
  const unitOf = ({ id, sku, priceAmount: amount, priceCurrency: currency }: Product): KnownUnit => {
    const { stock = 0, version = 0 } = levels.get(id) ?? {}
    return { id, sku, price: { amount, currency }, stock, version }
  }
  return products.map((product) => ({
    id: product.id,
    name: product.name,
    description: product.description,
    category: product.category,
    state: isDraft(product) ? 'draft' : product.listed ? 'on_sale' : 'hidden',
    requiresShipping: Boolean(product.requiresShipping),
    limitPerBuyer: levels.get(product.id)?.limitPerBuyer ?? null,
    options: readOptions(product.options),
    variants: variants
      .filter(({ variantOf }) => variantOf === product.id)
      .map((variant) => ({ ...unitOf(variant), values: readValues(variant.variantValues) })),
    own: unitOf(product),
  }))
}

/** A page of a seller's products, the oldest first, so that what is made meanwhile comes last. */
export async function pageOfOwn(
  db: Knex,
  { sellerId, after, limit }: { sellerId: string; after: Product | undefined; limit: number },
): Promise<Product[]> {
  const query = Product.query(db)
    .where('seller_id', sellerId)
    .whereNull('variant_of')
    .orderBy(['created_at', 'id'])
    .limit(limit)
  if (after !== undefined) void query.whereRaw('(created_at, id) > (?, ?)', [after.createdAt, after.id])
  return await query
}
