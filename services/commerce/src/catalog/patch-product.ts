import type { Knex } from 'knex'
import type { PartialModelObject } from 'objection'
import type { Money } from '@mytaek1/contracts/money.ts'
import { keepRevision } from './product-revisions.ts'
import { Product } from './product.ts'
import { indexProduct } from './search-index.ts'
import { markUnused } from './unused-images.ts'
import { carryToVariants } from './write-variants.ts'

const revisedFields = ['priceAmount', 'priceCurrency', 'name', 'imageId'] as const

/**
 * Changes a product's row, which the caller has locked, and its variants with it: what orders keep of them is written down,
 * and a picture that it no longer leads with is looked at later. A new `price` is that of all variants.
 */
export async function patchProduct(
  trx: Knex.Transaction,
  before: Product,
  patch: PartialModelObject<Product>,
  { now, price }: { now: Date; price?: Money | undefined },
): Promise<Product> {
  const isRevised = revisedFields.some((field) => patch[field] !== undefined && patch[field] !== before[field])
  const product = await Product.query(trx).patchAndFetchById(before.id, {
    ...patch,
    revision: before.revision + (isRevised ? 1 : 0),
    updatedAt: now,
  })
  await keepRevision(trx, before, null) // a process of the version before kept none
  await keepRevision(trx, product, now)
  if (before.name !== product.name) await indexProduct(trx, product)
  await carryToVariants(trx, product, { price }, now)
  if (before.imageId !== product.imageId) await markUnused(trx, before.imageId, now)
  return product
}
