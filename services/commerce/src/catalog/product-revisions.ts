import type { Knex } from 'knex'
import { readWords, type OptionWord } from './variant.ts'

const rememberedMax = 10_000

/** What a product was called and looked like when it was ordered. */
export interface ProductRevision {
  name: string
  imageId: string | null
  /** Of a variant: its product, and what of it it was. */
  variantOf: string | null
  options: readonly OptionWord[]
}

/** Which product an order is of; `revision` null: unknown, the product is shown as it is. */
export interface RevisionKey {
  productId: string
  revision: number | null
}

interface Row {
  product_id: string
  revision: number
  name: string
  image_id: string | null
  variant_of: string | null
  options: string | null
}

/** Reads revisions of products. One never changes, so a rush on a product reads its revision once. */
export class ProductRevisions {
  #db: Knex
  #known = new Map<string, ProductRevision>()

  constructor(db: Knex) {
    this.#db = db
  }

  /** Finds revisions, bounded by what is asked; of one that is not on record the product as it is now. */
  async find(keys: readonly RevisionKey[]): Promise<(key: RevisionKey) => ProductRevision | undefined> {
    const found = new Map<string, ProductRevision>()
    const unknown = keys.filter((key) => {
      const known = this.#known.get(textOf(key))
      if (known !== undefined) found.set(textOf(key), known)
      return known === undefined
    })
    const kept = unknown.flatMap(({ productId, revision }) => (revision === null ? [] : [[productId, revision]]))
    if (kept.length > 0) {
      const rows: Row[] = await this.#db('product_revisions').whereIn(['product_id', 'revision'], kept)
      for (const row of rows) this.#remember(textOf({ productId: row.product_id, revision: row.revision }), row, found)
    }
    const missing = unknown.filter((key) => !found.has(textOf(key)))
    if (missing.length > 0) {
      const ids = missing.map(({ productId }) => productId)
      const rows: { id: string; name: string; image_id: string | null; variant_of: string | null }[] = await this.#db(
        'products',
      )
        .whereIn('id', ids)
        .select('id', 'name', 'image_id', 'variant_of')
      const products = new Map(
        rows.map(({ id, name, image_id: imageId, variant_of: variantOf }) => [
          id,
          { name, imageId, variantOf, options: [] },
        ]),
      )
      for (const key of missing) {
        const product = products.get(key.productId)
        if (product !== undefined) found.set(textOf(key), product)
      }
    }
    return (key) => found.get(textOf(key))
  }

  #remember(key: string, row: Row, found: Map<string, ProductRevision>): void {
    const { name, image_id: imageId, variant_of: variantOf } = row
    const revision = { name, imageId, variantOf, options: readWords(row.options) }
    if (this.#known.size >= rememberedMax) this.#known.clear()
    this.#known.set(key, revision)
    found.set(key, revision)
  }
}

const textOf = ({ productId, revision }: RevisionKey) => `${productId} ${revision}`

/**
 * Writes down what a product is called and looks like at its present revision, in the transaction that makes it.
 *
 * @param madeAt null: it was made before, by a process that wrote nothing down
 * @param words of a variant: what it is
 */
export async function keepRevision(
  trx: Knex.Transaction,
  product: { id: string; revision: number; name: string; imageId: string | null; variantOf?: string | null },
  madeAt: Date | null,
  words: readonly OptionWord[] = [],
): Promise<void> {
  const { id, revision, name, imageId, variantOf = null } = product
  const options = words.length === 0 ? null : JSON.stringify(words)
  await trx('product_revisions')
    .insert({ product_id: id, revision, name, image_id: imageId, made_at: madeAt, variant_of: variantOf, options })
    .onConflict(['product_id', 'revision'])
    .ignore()
}
