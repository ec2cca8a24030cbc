import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { decodeCursor, toPage } from '../paging.ts'
import { Product } from './product.ts'

/** A product by its id; variants are none. */
export async function findProduct(db: Knex, id: string): Promise<Product | undefined> {
  return await Product.query(db).findById(id).whereNull('variant_of')
}

/** One page of products, newest first: a seller's own with those not listed, or everybody's listed ones. */
export async function listProducts(
  db: Knex,
  filter: { sellerId?: string; withUnlisted: boolean },
  page: { limit: number; cursor?: string },
): Promise<{ items: Product[]; nextCursor: string | null }> {
  const query = Product.query(db)
    .whereNull('variant_of')
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
  if (filter.sellerId !== undefined) void query.where('seller_id', filter.sellerId)
  if (!filter.withUnlisted) void query.where('listed', true)
  if (page.cursor !== undefined) {
    const { at, id } = decodeCursor(page.cursor)
    void query.whereRaw('(created_at, id) < (?, ?)', [at, id])
  }
  const rows = await query.limit(page.limit + 1)
  return toPage(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** What a product costs at a revision, which tells the newer of two prices. */
export interface ProductPrice {
  price: Money
  revision: number
}

/** What products cost now; unknown ids are left out. */
export async function pricesOf(db: Knex, productIds: readonly string[]): Promise<Map<string, ProductPrice>> {
  const rows = await Product.query(db)
    .findByIds([...productIds])
    .select('id', 'price_amount', 'price_currency', 'revision')
  return new Map(
    rows.map(({ id, priceAmount: amount, priceCurrency: currency, revision }) => [
      id,
      { price: { amount, currency }, revision },
    ]),
  )
}
