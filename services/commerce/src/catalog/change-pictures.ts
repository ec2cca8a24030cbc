import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { patchProduct } from './patch-product.ts'
import type { ProductPicture } from './pictures.ts'
import { Product } from './product.ts'
import { markUnused } from './unused-images.ts'

interface Row {
  product_id: string
  position: number
  image_id: string
  alt: string
}

/**
 * The pictures of products in order, by product id. The lead is what the product's row says, which a process of the version
 * before changes alone; bounded by the products asked for.
 */
export async function picturesOf(
  db: Knex,
  products: readonly Pick<Product, 'id' | 'imageId'>[],
): Promise<Map<string, readonly ProductPicture[]>> {
  const ids = products.map(({ id }) => id)
  const rows: Row[] = await db('product_pictures').whereIn('product_id', ids).orderBy(['product_id', 'position'])
  const byProduct = Map.groupBy(rows, (row) => row.product_id)
  return new Map(products.map((product) => [product.id, inOrder(product.imageId, byProduct.get(product.id) ?? [])]))
}

function inOrder(leadId: string | null, rows: readonly Row[]): readonly ProductPicture[] {
  const toPicture = ({ image_id: imageId, alt }: Row) => ({ imageId, alt })
  const further = rows.filter((row) => row.position > 0 && row.image_id !== leadId).map(toPicture)
  if (leadId === null) return further
  return [{ imageId: leadId, alt: rows.find((row) => row.image_id === leadId)?.alt ?? '' }, ...further]
}

/** Changes which pictures a product has, or their order; throws what `change` throws. The caller may change the product. */
export async function changePictures(
  { db, now }: { db: Knex; now: Date },
  productId: string,
  change: (pictures: readonly ProductPicture[]) => readonly ProductPicture[],
): Promise<Product> {
  return await inTransaction(db, async (trx) => {
    const before = await Product.query(trx).findById(productId).forUpdate()
    if (before === undefined) throw new NotFoundError('product', productId)
    const pictures = (await picturesOf(trx, [before])).get(productId) ?? []
    const changed = change(pictures)
    if (changed === pictures) return before
    await writePictures(trx, productId, changed)
    const kept = new Set(changed.map(({ imageId }) => imageId))
    for (const { imageId } of pictures) if (!kept.has(imageId)) await markUnused(trx, imageId, now)
    return await patchProduct(trx, before, { imageId: changed[0]?.imageId ?? null }, { now })
  })
}

/** Writes a product's pictures in place of what there was. */
export async function writePictures(
  trx: Knex.Transaction,
  productId: string,
  pictures: readonly ProductPicture[],
): Promise<void> {
  await trx('product_pictures').where('product_id', productId).delete()
  const rows = pictures.map(({ imageId, alt }, position): Row => ({
    product_id: productId,
    position,
    image_id: imageId,
    alt,
  }))
  if (rows.length > 0) await trx('product_pictures').insert(rows)
}
