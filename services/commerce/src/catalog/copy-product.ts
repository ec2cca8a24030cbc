import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { stockOf } from '../inventory/stock-levels.ts'
import { picturesOf, writePictures } from './change-pictures.ts'
import { insertProduct } from './create-product.ts'
import { patchProduct } from './patch-product.ts'
import { Product } from './product.ts'
import { readOptions } from './variant.ts'
import { variantsOf } from './variant-queries.ts'
import { writeVariants } from './write-variants.ts'

/** Makes a draft of all that a product is, with its variants and nothing in stock; throws NotFoundError. The caller may change the product. */
export async function copyProduct({ db, now }: { db: Knex; now: Date }, productId: string): Promise<Product> {
  const limits = (await stockOf(db, [productId])).get(productId)
  return await inTransaction(db, async (trx) => {
    // locked, so that no picture of it is given up meanwhile
    const model = await Product.query(trx).findById(productId).forUpdate()
    if (model === undefined) throw new NotFoundError('product', productId)
    const copy = await insertProduct(trx, now, {
      sellerId: model.sellerId,
      name: model.name,
      description: model.description,
      price: { amount: model.priceAmount, currency: model.priceCurrency },
      stock: 0,
      requiresShipping: Boolean(model.requiresShipping),
      category: model.category,
      draft: true,
      limitPerBuyer: limits?.limitPerBuyer ?? null,
      unpaidUnitsPerBuyer: limits?.unpaidUnitsPerBuyer ?? null,
      unpaidOrdersPerBuyer: limits?.unpaidOrdersPerBuyer ?? null,
    })
    const pictures = (await picturesOf(trx, [model])).get(productId) ?? []
    await writePictures(trx, copy.id, pictures)
    const [lead] = pictures
    const shown = lead === undefined ? copy : await patchProduct(trx, copy, { imageId: lead.imageId }, { now })
    if (model.options === null) return shown
    // a code is of one variant alone
    const variants = (await variantsOf(trx, productId)).map(({ values, price }) => ({ values, price, stock: 0 }))
    return (await writeVariants(trx, shown, { options: readOptions(model.options), variants }, now)).product
  })
}
