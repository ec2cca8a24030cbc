import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import { ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { setBuyerLimits, type BuyerLimits } from '../inventory/buyer-limits.ts'
import { setStock } from '../inventory/stock.ts'
import { offerStock } from '../inventory/waiting-list.ts'
import { patchProduct } from './patch-product.ts'
import { isDraft, Product } from './product.ts'
import { findProduct } from './queries.ts'
import type { StockChanged } from './restock-product.ts'
import { VariantRequiredError } from './variant-errors.ts'
import { variantsOf } from './variant-queries.ts'

/** What may be changed of a product; the price applies to orders placed from then on. */
export interface ProductChange extends Partial<BuyerLimits> {
  name?: string
  description?: string
  price?: Money
  /** True publishes a draft, too: one that is listed is none. */
  listed?: boolean
  /** A product that was shown once is no draft any more. */
  draft?: false
  category?: string | null
  /** Orders that are paid for keep what was so then. */
  requiresShipping?: boolean
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
  const { product, isPriceNew, stocks } = await inTransaction(db, async (trx) => {
    const before = await Product.query(trx).findById(productId).forUpdate()
    if (before === undefined) throw new NotFoundError('product', productId)
    const product = await patchProduct(trx, before, { ...patch, ...shown(before, change) }, { now, price })
    await setBuyerLimits(trx, { productId, limitPerBuyer, unpaidUnitsPerBuyer, unpaidOrdersPerBuyer })
    const isPriceNew = priceFields.some((field) => product[field] !== before[field])
    if (stock !== undefined && before.options !== null) {
      throw new VariantRequiredError(productId, await variantsOf(trx, productId))
    }
    const restocked = stock === undefined ? undefined : await setStock(trx, { productId, stock })
    const offered = isBack(before, product) ? await offerStock(queryOf(trx), productId) : []
    return { product, isPriceNew, stocks: restocked === undefined ? offered : [restocked, ...offered] }
  })
  for (const each of stocks) deps.stockChanged(each)
  if (isPriceNew) deps.priceChanged({ productId, price: priceOf(product), revision: product.revision })
  return product
}

/** Whether a product is on sale that was not. */
export const isBack = (before: Product, now: Product): boolean => !before.listed && Boolean(now.listed)

const priceFields = ['priceAmount', 'priceCurrency'] as const

// Written whole: a process of the version before lists a draft without a word of that.
function shown(before: Product, { draft, listed }: Pick<ProductChange, 'draft' | 'listed'>) {
  if (!isDraft(before)) return { draft: false }
  const isPublished = draft === false || listed === true
  return isPublished ? { draft: false, listed: listed ?? true } : {}
}

const priceOf = ({ priceAmount: amount, priceCurrency: currency }: Product): Money => ({ amount, currency })

/** The product, if the caller may change it; throws NotFoundError or ForbiddenError. */
export async function requireOwnProduct(db: Knex, caller: AccessTokenClaims, productId: string): Promise<Product> {
  const product = await findProduct(db, productId)
  if (product === undefined) throw new NotFoundError('product', productId)
  if (product.sellerId !== caller.sub && caller.role !== 'admin') {
    if (isDraft(product)) throw new NotFoundError('product', productId)
    throw new ForbiddenError('Only the seller of a product may change it')
  }
  return product
}
