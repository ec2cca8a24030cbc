import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { BuyerLimits } from '../inventory/buyer-limits.ts'
import { openStock } from '../inventory/stock.ts'
import { keepRevision } from './product-revisions.ts'
import { Product } from './product.ts'
import { indexProduct } from './search-index.ts'
import { writeVariants, type VariantPlan } from './write-variants.ts'

/** What a product begins with. */
export interface ProductInput extends Partial<BuyerLimits>, Partial<VariantPlan> {
  sellerId: string
  name: string
  description: string
  price: Money
  stock?: number | undefined
  requiresShipping?: boolean
  category?: string | null
  /** Nobody but its seller sees it. */
  draft?: boolean
}

/** Creates a product with its stock and, where it has options, its variants: all or nothing. */
export async function createProduct({ db, now }: { db: Knex; now: Date }, input: ProductInput): Promise<Product> {
  return await inTransaction(db, (trx) => insertProduct(trx, now, input))
}

/** Creates a product, in a transaction that does more. */
export async function insertProduct(trx: Knex.Transaction, now: Date, input: ProductInput): Promise<Product> {
  const product = await Product.query(trx).insertAndFetch({
    id: newId('prd'),
    sellerId: input.sellerId,
    name: input.name,
    description: input.description,
    priceAmount: input.price.amount,
    priceCurrency: input.price.currency,
    imageId: null,
    options: null,
    revision: 1,
    requiresShipping: input.requiresShipping ?? true,
    listed: input.draft !== true,
    draft: input.draft === true,
    category: input.category ?? null,
    createdAt: now,
    updatedAt: now,
  })
  await keepRevision(trx, product, now)
  await indexProduct(trx, product)
  const { limitPerBuyer = null, unpaidUnitsPerBuyer = null, unpaidOrdersPerBuyer = null } = input
  const limits = { limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer }
  await openStock(trx, { productId: product.id, units: input.stock ?? 0, ...limits })
  const { options, variants } = input
  if (options === undefined || variants === undefined) return product
  return (await writeVariants(trx, product, { options, variants }, now)).product
}
