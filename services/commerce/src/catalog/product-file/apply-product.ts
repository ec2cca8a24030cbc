import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { setBuyerLimits } from '../../inventory/buyer-limits.ts'
import type { StockChange } from '../../inventory/stock-row.ts'
import { supplyByFile } from '../../inventory/stock.ts'
import { offerStock } from '../../inventory/waiting-list.ts'
import { isBack } from '../change-product.ts'
import { insertProduct } from '../create-product.ts'
import { patchProduct } from '../patch-product.ts'
import { isDraft, type Product } from '../product.ts'
import { skuIsFree, writeVariants } from '../write-variants.ts'
import { none, type Cells } from './columns.ts'
import type { ProductToWrite, UnitToWrite } from './decision.ts'
import { readKnown, type KnownProduct } from './known-products.ts'
import { momentOf } from './supplied-before.ts'

/** What was written, to be told after the commit. */
export interface Written {
  product: Product
  isPriceNew: boolean
  stocks: StockChange[]
}

/**
 * Writes what a file says of a product, in a transaction that holds its row; undefined: it makes one.
 *
 * Nothing is taken away: variants that the file does not name are sold as they were. New products have nothing in stock
 * before the file's units come, which so come once.
 * @throws {SkuTakenError | StockTooLargeError | InvalidRequestError}
 */
export async function applyProduct(
  trx: Knex.Transaction,
  before: { product: Product; known: KnownProduct } | undefined,
  write: ProductToWrite,
  { sellerId, now }: { sellerId: string; now: Date },
): Promise<Written> {
  const made = before?.product ?? (await make(trx, write, { sellerId, now }))
  const own = await writeOwn(trx, made, write, now)
  const { product, stocks } = await writeUnits(trx, own, before?.known, write, now)
  if (write.own.limitPerBuyer !== undefined) {
    const limitPerBuyer = numberOf(write.own.limitPerBuyer)
    await setBuyerLimits(trx, { productId: product.id, limitPerBuyer })
  }
  stocks.push(...(await writeStocks(trx, product, write.units)))
  if (before !== undefined && isBack(before.product, product)) {
    stocks.push(...(await offerStock(queryOf(trx), product.id)))
  }
  const isPriceNew = before !== undefined && product.priceAmount !== before.product.priceAmount
  return { product, isPriceNew, stocks }
}

async function make(
  trx: Knex.Transaction,
  { own: { name }, units: [first] }: ProductToWrite,
  { sellerId, now }: { sellerId: string; now: Date },
): Promise<Product> {
  if (name === undefined || first?.price === undefined)
    throw new Error('A new product of a file has a name and a price')
  return await insertProduct(trx, now, { sellerId, name, description: '', price: first.price, draft: true })
}

/** What is the product's own; of one without options its price and its code are, too. */
async function writeOwn(
  trx: Knex.Transaction,
  product: Product,
  { own, options, units }: ProductToWrite,
  now: Date,
): Promise<Product> {
  const [unit] = options.length === 0 ? units : []
  const price: Money | undefined = unit?.price
  const patch = {
    ...(own.name !== undefined && { name: own.name }),
    ...(own.description !== undefined && { description: own.description }),
    ...(own.category !== undefined && { category: own.category === none ? null : own.category }),
    ...(own.requiresShipping !== undefined && { requiresShipping: own.requiresShipping === 'yes' }),
    ...shown(product, own),
    ...(price && { priceAmount: price.amount, priceCurrency: price.currency }),
    ...(unit?.sku !== undefined && { sku: unit.sku }),
  }
  return await skuIsFree(() => patchProduct(trx, product, patch, { now, price }))
}

// as change-product.ts writes it: whole, for a process of the version before lists a draft without a word of that
function shown(product: Product, { state }: Cells) {
  if (state === undefined || (state === 'draft' && isDraft(product))) return {}
  return { draft: false, listed: state === 'on_sale' }
}

async function writeUnits(
  trx: Knex.Transaction,
  product: Product,
  known: KnownProduct | undefined,
  { options, units }: ProductToWrite,
  now: Date,
): Promise<{ product: Product; stocks: StockChange[] }> {
  if (options.length === 0) return { product, stocks: [] }
  const isWritten = units.some(({ id, price, sku }) => id === undefined || price !== undefined || sku !== undefined)
  if (!isWritten) return { product, stocks: [] }
  const saidOf = new Map(units.map((unit) => [unit.id, unit]))
  const kept = (known?.variants ?? []).map(({ id, values }) => {
    const { price, sku } = saidOf.get(id) ?? {}
    return { values, price, sku }
  })
  const added = units.flatMap(({ id, values, price, sku }) => (id === undefined ? [{ values, price, sku }] : []))
  return await writeVariants(trx, product, { options, variants: [...kept, ...added] }, now)
}

async function writeStocks(
  trx: Knex.Transaction,
  product: Product,
  units: readonly UnitToWrite[],
): Promise<StockChange[]> {
  const wanted = units.flatMap(({ id, values, stock }) => {
    const given = stock ?? (id === undefined ? { units: 0, sinceVersion: 0 } : undefined)
    return given === undefined ? [] : [{ id, values, ...given }]
  })
  const [now] = wanted.some(({ id }) => id === undefined) ? await readKnown(trx, [product]) : []
  const idOf = (values: readonly string[]) => {
    const variant = now?.variants.find((each) => JSON.stringify(each.values) === JSON.stringify(values))
    return variant?.id ?? product.id
  }
  // in order of id, as orders lock them
  const inOrder = wanted
    .map(({ id, values, ...stock }) => ({ productId: id ?? idOf(values), ...stock }))
    .toSorted((one, other) => (one.productId < other.productId ? -1 : 1))
  const stocks: StockChange[] = []
  for (const { productId, units: all, sinceVersion } of inOrder) {
    const change = await supplyByFile(trx, { productId, units: all, requestId: momentOf(sinceVersion) })
    if (change !== undefined) stocks.push(change)
  }
  return stocks
}

const numberOf = (text: string) => (text === none ? null : Number(text))
