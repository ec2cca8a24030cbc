import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import { ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { setBuyerLimits, type BuyerLimits } from '../inventory/buyer-limits.ts'
import { setStock } from '../inventory/stock.ts'
import { Product } from './product.ts'
import { markUnused } from './unused-images.ts'
import { keepRevision } from './product-revisions.ts'
import { findProduct } from './queries.ts'
import type { StockChanged } from './restock-product.ts'
import { VariantRequiredError } from './variant-errors.ts'
import { variantsOf } from './variant-queries.ts'
import { carryToVariants } from './write-variants.ts'

/** What may be changed of a product; the price applies to orders placed from then on. */
export interface ProductChange extends Partial<BuyerLimits> {
  name?: string
  description?: string
  price?: Money
  listed?: boolean
  /** Orders that are paid for keep what was so then. */
  requiresShipping?: boolean
  imageId?: string
  /** How many are left from now on; for adding to it during a sale see restock-product.ts. */
  stock?: number
}

/** Told after the commit that a product costs another price now; `revision` tells what is newer. */
export type PriceChanged = (product: { productId: string; price: Money; revision: number }) => void

/** Changes a product of the caller's (any, for an admin); throws NotFoundError or ForbiddenError. */
export async function changeProduct(
  deps: { db: Knex; stockChanged: StockChanged; priceChanged: PriceChanged; now: Date },
  caller: AccessTokenClaims,
  productId: string,
  change: ProductChange,
): Promise<Product> {
  const { db, now } = deps
  await requireOwnProduct(db, caller, productId)
  const { price, stock, limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer, ...rest } = change
  const patch = { ...rest, ...(price && { priceAmount: price.amount, priceCurrency: price.currency }) }
  const { product, isPriceNew, restocked } = await inTransaction(db, async (trx) => {
    const before = await Product.query(trx).findById(productId).forUpdate()
    if (before === undefined) throw new NotFoundError('product', productId)
    const product = await Product.query(trx).patchAndFetchById(productId, {
      ...patch,
      revision: before.revision + (revisedFields.some((field) => isOther(patch[field], before[field])) ? 1 : 0),
      updatedAt: now,
    })
    await keepRevision(trx, before, null) // a process of the version before kept none
    await keepRevision(trx, product, now)
    await carryToVariants(trx, product, { price }, now)
    if (before.imageId !== product.imageId) await markUnused(trx, before.imageId, now)
    await setBuyerLimits(trx, { productId, limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer })
    const isPriceNew = priceFields.some((field) => product[field] !== before[field])
    if (stock !== undefined && before.options !== null) {
      throw new VariantRequiredError(productId, await variantsOf(trx, productId))
    }
    const restocked = stock === undefined ? undefined : await setStock(trx, { productId, stock })
    return { product, isPriceNew, restocked }
  })
  if (restocked !== undefined) deps.stockChanged(restocked)
  if (isPriceNew) deps.priceChanged({ productId, price: priceOf(product), revision: product.revision })
  return product
}

const priceFields = ['priceAmount', 'priceCurrency'] as const
const revisedFields = [...priceFields, 'name', 'imageId'] as const
const isOther = (wanted: unknown, has: unknown) => wanted !== undefined && wanted !== has
const priceOf = ({ priceAmount: amount, priceCurrency: currency }: Product): Money => ({ amount, currency })

/** The product, if the caller may change it; throws NotFoundError or ForbiddenError. */
export async function requireOwnProduct(db: Knex, caller: AccessTokenClaims, productId: string): Promise<Product> {
  const product = await findProduct(db, productId)
  if (product === undefined) throw new NotFoundError('product', productId)
  if (product.sellerId !== caller.sub && caller.role !== 'admin') {
    throw new ForbiddenError('Only the seller of a product may change it')
  }
  return product
}
