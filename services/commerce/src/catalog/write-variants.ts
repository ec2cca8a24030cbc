import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { InvalidRequestError } from '@mytaek1/platform/errors.ts'
import { idSeries } from '@mytaek1/platform/ids.ts'
import { isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { lockStock, type StockChange } from '../inventory/stock-row.ts'
import { openStock, setStock } from '../inventory/stock.ts'
import { offerStock } from '../inventory/waiting-list.ts'
import { keepRevision } from './product-revisions.ts'
import { Product } from './product.ts'
import { readOptions, readValues, wordsOf, type ProductOption } from './variant.ts'
import { SkuTakenError } from './variant-errors.ts'

const everMax = 1_000 // of a product, those that are not sold any more included: orders refer to them

/** What a seller says of a product's variants. Of one that there is, what is left out stays as it is. */
export interface VariantPlan {
  options: readonly ProductOption[]
  variants: readonly {
    values: readonly string[]
    price?: Money | undefined
    /** How many are left from now on. */
    stock?: number | undefined
    sku?: string | null | undefined
  }[]
}

/**
 * Makes a product's variants what a plan says, in a transaction that holds the product's row. Variants are told by their
 * values: one that the plan does not have is not sold any more, and comes back, as the same, when a later plan has it again.
 * The product's own price is the lowest of theirs, so that lists can sort by it; its own units are not for sale any more.
 *
 * @returns the product as it is now, and what changed of stock, to be told after the commit.
 * @throws {InvalidRequestError | SkuTakenError}
 */
export async function writeVariants(
  trx: Knex.Transaction,
  product: Product,
  plan: VariantPlan,
  now: Date,
): Promise<{ product: Product; stocks: StockChange[] }> {
  const { currency, amounts } = pricesOf(product, plan)
  const before = await Product.query(trx).where('variant_of', product.id).orderBy('id').limit(everMax)
  const byValues = new Map(before.map((variant) => [JSON.stringify(readValues(variant.variantValues)), variant]))
  const planned = plan.variants.map((variant, position) => {
    const known = byValues.get(JSON.stringify(variant.values))
    const priceAmount = amounts[position] ?? known?.priceAmount ?? product.priceAmount
    return { ...variant, position, known, priceAmount }
  })
  if (before.length + planned.filter(({ known }) => !known).length > everMax) {
    throw new InvalidRequestError(`A product has ${everMax} variants at most, those of before included`)
  }
  // first the row that limits are counted under, then those of what is sold, in order of id: as orders lock them
  if (product.options === null) await setStock(trx, { productId: product.id, stock: 0 })
  else await lockStock(queryOf(trx), product.id)
  // two may have changed their codes; the product's own is of no use any more
  await trx('products').where('variant_of', product.id).orWhere('id', product.id).update({ sku: null })
  const stocks: StockChange[] = []
  const byId = new Map(planned.flatMap((variant) => (variant.known ? [[variant.known.id, variant]] : [])))
  for (const variant of before) {
    const wanted = byId.get(variant.id)
    const stock = wanted === undefined ? 0 : (wanted.stock ?? (variant.variantPosition === null ? 0 : undefined))
    const change = stock === undefined ? undefined : await setStock(trx, { productId: variant.id, stock })
    if (change !== undefined) stocks.push(change)
  }
  const newId = idSeries('var', now.getTime())
  const words = (values: readonly string[]) => wordsOf(plan.options, values)
  const areOptionsNew = JSON.stringify(readOptions(product.options)) !== JSON.stringify(plan.options)
  await skuIsFree(async () => {
    const gone = before.filter(({ id, variantPosition }) => variantPosition !== null && !byId.has(id))
    await Product.query(trx)
      .findByIds(gone.map(({ id }) => id))
      .patch({ variantPosition: null, updatedAt: now })
    for (const { known, values, position, priceAmount, stock = 0, sku } of planned) {
      const own = { variantPosition: position, priceAmount, priceCurrency: currency, updatedAt: now }
      const shared = { name: product.name, imageId: product.imageId, requiresShipping: product.requiresShipping }
      if (known) {
        const isOther = areOptionsNew || known.priceAmount !== priceAmount || known.priceCurrency !== currency
        const revision = known.revision + (isOther ? 1 : 0)
        const code = sku === undefined ? known.sku : sku
        const after = await Product.query(trx).patchAndFetchById(known.id, { ...shared, ...own, revision, sku: code })
        await keepRevision(trx, after, now, words(values))
        continue
      }
      const variant = await Product.query(trx).insertAndFetch({
        ...shared,
        ...own,
        id: newId(),
        sellerId: product.sellerId,
        description: '',
        revision: 1,
        variantOf: product.id,
        variantValues: JSON.stringify(values),
        sku: sku ?? null,
        listed: false,
        createdAt: now,
      })
      await keepRevision(trx, variant, now, words(values))
      await openStock(trx, { productId: variant.id, variantOf: product.id, units: stock })
      stocks.push({ productId: variant.id, variantOf: product.id, stock, version: 1 })
    }
  })
  const lowest = Math.min(...planned.map(({ priceAmount }) => priceAmount))
  const isPriceNew = lowest !== product.priceAmount || currency !== product.priceCurrency
  const after = await Product.query(trx).patchAndFetchById(product.id, {
    options: JSON.stringify(plan.options),
    priceAmount: lowest,
    priceCurrency: currency,
    revision: product.revision + (isPriceNew ? 1 : 0),
    updatedAt: now,
  })
  await keepRevision(trx, after, now)
  stocks.push(...(await offerStock(queryOf(trx), product.id))) // of a variant that is back
  return { product: after, stocks }
}

/**
 * Has the variants of a product follow it after it was changed: they have its name, its picture and how it is sent; a new
 * price is that of all of them.
 */
export async function carryToVariants(
  trx: Knex.Transaction,
  product: Product,
  change: { price?: Money | undefined },
  now: Date,
): Promise<void> {
  if (product.options === null) return
  const options = readOptions(product.options)
  const { name, imageId, requiresShipping } = product
  const price = change.price && { priceAmount: change.price.amount, priceCurrency: change.price.currency }
  const variants = await Product.query(trx).where('variant_of', product.id).orderBy('id').limit(everMax)
  for (const variant of variants) {
    const wanted = { name, imageId, ...price }
    const isOther = Object.entries(wanted).some(([field, value]) => variant[field as keyof typeof wanted] !== value)
    if (!isOther && Boolean(variant.requiresShipping) === Boolean(requiresShipping)) continue
    const revision = variant.revision + (isOther ? 1 : 0)
    const patch = { ...wanted, requiresShipping, revision, updatedAt: now }
    const after = await Product.query(trx).patchAndFetchById(variant.id, patch)
    await keepRevision(trx, after, now, wordsOf(options, readValues(variant.variantValues)))
  }
}

function pricesOf(product: Product, { variants }: VariantPlan): { currency: string; amounts: (number | undefined)[] } {
  const currency = product.priceCurrency
  const foreign = variants.findIndex(({ price }) => price !== undefined && price.currency !== currency)
  if (foreign >= 0) {
    const message = `Must be ${currency}, the currency of the product`
    throw new InvalidRequestError(message, [{ path: `variants.${foreign}.price.currency`, message }])
  }
  return { currency, amounts: variants.map(({ price }) => price?.amount) }
}

/** Runs what writes codes; throws SkuTakenError when another product of the seller has one of them. */
export async function skuIsFree<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (isDuplicateKey(cause(error))) throw new SkuTakenError()
    throw error
  }
}

// objection's errors have the driver's inside
const cause = (error: unknown): unknown =>
  error instanceof Error && 'nativeError' in error ? error.nativeError : error
