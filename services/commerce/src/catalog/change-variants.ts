import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { requireOwnProduct, type PriceChanged } from './change-product.ts'
import { Product } from './product.ts'
import type { StockChanged } from './restock-product.ts'
import { writeVariants, type VariantPlan } from './write-variants.ts'

/** Gives a product of the caller's (any, for an admin) its variants; throws NotFoundError, ForbiddenError or as `writeVariants`. */
export async function changeVariants(
  deps: { db: Knex; stockChanged: StockChanged; priceChanged: PriceChanged; now: Date },
  caller: AccessTokenClaims,
  productId: string,
  plan: VariantPlan,
): Promise<Product> {
  const { db, stockChanged, priceChanged, now } = deps
  await requireOwnProduct(db, caller, productId)
  const { before, product, stocks } = await inTransaction(db, async (trx) => {
    const before = await Product.query(trx).findById(productId).forUpdate()
    if (before === undefined) throw new NotFoundError('product', productId)
    return { before, ...(await writeVariants(trx, before, plan, now)) }
  })
  for (const stock of stocks) stockChanged(stock)
  if (product.revision !== before.revision) {
    const price = { amount: product.priceAmount, currency: product.priceCurrency }
    priceChanged({ productId, price, revision: product.revision })
  }
  return product
}
