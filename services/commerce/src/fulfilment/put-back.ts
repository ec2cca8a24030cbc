import type { Knex } from 'knex'
import { restock } from '../inventory/stock.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import type { ClaimItem } from './claim.ts'

/** Puts units on sale again, as new supply: their order keeps what it took. In order of product id, as stock rows are locked. */
export async function putBack(trx: Knex.Transaction, items: readonly ClaimItem[]): Promise<StockChange[]> {
  const stocks: StockChange[] = []
  for (const { productId, quantity: units } of items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))) {
    const stock = await restock(trx, { productId, units })
    if (stock) stocks.push(stock)
  }
  return stocks
}
