import type { Knex } from 'knex'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { gramsOf, searchTextOf } from './search-text.ts'

const productsPerStep = 500

/** Has a product found by its name, in the transaction that gives it. */
export async function indexProduct(trx: Knex.Transaction, { id, name }: { id: string; name: string }): Promise<void> {
  const text = searchTextOf(name)
  const row: { text: string } | undefined = await trx('product_search')
    .where('product_id', id)
    .forUpdate()
    .first('text')
  if (row?.text === text) return
  const [grams, old] = [gramsOf(text), gramsOf(row?.text ?? '')]
  const gone = [...old].filter((gram) => !grams.has(gram))
  if (gone.length > 0) await trx('product_grams').whereIn('gram', gone).where('product_id', id).delete()
  const added = [...grams].filter((gram) => !old.has(gram)).map((gram) => ({ gram, product_id: id }))
  if (added.length > 0) await trx('product_grams').insert(added).onConflict(['gram', 'product_id']).ignore()
  await trx('product_search').insert({ product_id: id, text }).onConflict('product_id').merge()
}

/**
 * Makes up for what processes of the version before wrote: looks at all products, some at a time.
 *
 * @returns how many were not found by their name.
 */
export async function catchUpIndex(db: Knex, signal?: AbortSignal): Promise<number> {
  const isStopping = () => signal?.aborted === true
  let [after, made] = ['', 0]
  for (;;) {
    const rows: { id: string; name: string; text: string | null }[] = await db('products')
      .leftJoin('product_search', 'product_search.product_id', 'products.id')
      .where('products.id', '>', after)
      .whereNull('variant_of')
      .orderBy('products.id')
      .limit(productsPerStep)
      .select('products.id', 'name', 'text')
    for (const { id, name, text } of rows) {
      if (isStopping()) return made
      if (text === searchTextOf(name)) continue
      made += await inTransaction(db, async (trx) => {
        // as it is called now, and not again before this is written
        const product: { id: string; name: string } | undefined = await trx('products')
          .where({ id })
          .forUpdate()
          .first('id', 'name')
        if (product !== undefined) await indexProduct(trx, product)
        return product === undefined ? 0 : 1
      })
    }
    const [lastRow] = rows.slice(-1)
    if (isStopping() || rows.length < productsPerStep || lastRow === undefined) return made
    after = lastRow.id
  }
}
