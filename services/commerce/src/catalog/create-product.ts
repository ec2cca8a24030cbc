import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { BuyerLimits } from '../inventory/buyer-limits.ts'
import { openStock } from '../inventory/stock.ts'
import { keepRevision } from './product-revisions.ts'
import { Product } from './product.ts'
import { writeVariants, type VariantPlan } from './write-variants.ts'

/** Creates a product with its stock and, where it has options, its variants: all or nothing. */
export async function createProduct(
  { db, now }: { db: Knex; now: Date },
  input: {
    sellerId: string
    name: string
    description: string
    price: Money
    stock?: number | undefined
    requiresShipping?: boolean
  } & Partial<VariantPlan> &
    Partial<BuyerLimits>,
): Promise<Product> {
  return await inTransaction(db, async (trx) => {
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
      listed: true,
      createdAt: now,
      updatedAt: now,
    })
    await keepRevision(trx, product, now)
    const { limitPerBuyer = null, unpaidUnitsPerBuyer = null, unpaidOrdersPerBuyer = null } = input
    const limits = { limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer }
    await openStock(trx, { productId: product.id, units: input.stock ?? 0, ...limits })
    const { options, variants } = input
    if (options === undefined || variants === undefined) return product
    return (await writeVariants(trx, product, { options, variants }, now)).product
  })
}
