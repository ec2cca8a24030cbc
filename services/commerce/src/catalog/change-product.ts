import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import { ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { Product } from './product.ts'

/** What may be changed of a product; the price applies to orders placed from then on. */
export interface ProductChange {
  name?: string
  description?: string
  price?: Money
  listed?: boolean
  imageId?: string
}

/** Changes a product of the caller's (any, for an admin); throws NotFoundError or ForbiddenError. */
export async function changeProduct(
  { db, now }: { db: Knex; now: Date },
  caller: AccessTokenClaims,
  productId: string,
  change: ProductChange,
): Promise<Product> {
  await requireOwnProduct(db, caller, productId)
  const { price, ...rest } = change
  const priced = price && { priceAmount: price.amount, priceCurrency: price.currency }
  return await Product.query(db).patchAndFetchById(productId, { ...rest, ...priced, updatedAt: now })
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
