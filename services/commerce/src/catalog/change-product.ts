import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import { ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Product } from './product.ts'
import type { Restock } from './restock-product.ts'

/** What may be changed of a product; the price applies to orders placed from then on. */
export interface ProductChange {
  name?: string
  description?: string
  price?: Money
  listed?: boolean
  imageId?: string
  /** How many are left from now on; for adding to it during a sale see restock-product.ts. */
  stock?: number
  /** Units one buyer may hold and buy from now on; null: no limit. */
  limitPerBuyer?: number | null
}

/** Changes a product of the caller's (any, for an admin); throws NotFoundError or ForbiddenError. */
export async function changeProduct(
  { db, restock, now }: { db: Knex; restock: Restock; now: Date },
  caller: AccessTokenClaims,
  productId: string,
  change: ProductChange,
): Promise<Product> {
  await requireOwnProduct(db, caller, productId)
  const { price, stock, limitPerBuyer, ...rest } = change
  const priced = price && { priceAmount: price.amount, priceCurrency: price.currency }
  const { product, restocked } = await inTransaction(db, async (trx) => {
    const product = await Product.query(trx).patchAndFetchById(productId, { ...rest, ...priced, updatedAt: now })
    if (limitPerBuyer !== undefined) await restock.limit(trx, { productId, limitPerBuyer })
    return { product, restocked: stock === undefined ? undefined : await restock.set(trx, { productId, stock }) }
  })
  if (restocked !== undefined) restock.announce(restocked)
  return product
}

/** The product, if the caller may change it; throws NotFoundError or ForbiddenError. */
export async function requireOwnProduct(db: Knex, caller: AccessTokenClaims, productId: string): Promise<Product> {
  const product = await Product.query(db).findById(productId)
  if (product === undefined) throw new NotFoundError('product', productId)
  if (product.sellerId !== caller.sub && caller.role !== 'admin') {
    throw new ForbiddenError('Only the seller of a product may change it')
  }
  return product
}
