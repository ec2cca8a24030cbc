import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Product } from './product.ts'

/** Opens the stock row of a product, in the product's own transaction. Inventory owns that row. */
export type OpenStock = (
  trx: Knex.Transaction,
  stock: { productId: string; units: number; limitPerBuyer: number | null },
) => Promise<unknown>

/** Creates a product with its stock: both or neither. */
export async function createProduct(
  { db, openStock, now }: { db: Knex; openStock: OpenStock; now: Date },
  input: {
    sellerId: string
    name: string
    description: string
    price: Money
    stock: number
    limitPerBuyer?: number | null
  },
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
      listed: true,
      createdAt: now,
      updatedAt: now,
    })
    await openStock(trx, { productId: product.id, units: input.stock, limitPerBuyer: input.limitPerBuyer ?? null })
    return product
  })
}
