import { decimalOf } from '../../money-text.ts'
import { none, optionColumns, valueColumns, type Cells } from './columns.ts'
import type { KnownProduct, KnownUnit } from './known-products.ts'

/** What is of a product and not of its variants. Pure. */
export function productCells(product: KnownProduct): Cells {
  return {
    name: product.name,
    description: product.description,
    category: product.category ?? none,
    state: product.state,
    currency: product.own.price.currency,
    requiresShipping: product.requiresShipping ? 'yes' : 'no',
    limitPerBuyer: product.limitPerBuyer === null ? none : `${product.limitPerBuyer}`,
    ...byPlace(
      optionColumns,
      product.options.map(({ name }) => name),
    ),
  }
}

/** What is of a variant, or of a product without options. Pure. */
export function unitCells({ sku, price, stock, values = [] }: KnownUnit & { values?: readonly string[] }): Cells {
  return { ...(sku !== null && { sku }), price: decimalOf(price), stock: `${stock}`, ...byPlace(valueColumns, values) }
}

/**
 * A product as rows of a file: one for each variant, the product's own cells in the first of them. The stock is there
 * twice: how many are to be left, for the seller to change, and what it was at which version, for the difference. Pure.
 */
export function rowsOfProduct(product: KnownProduct): Cells[] {
  const { id: productId, variants, own } = product
  const lead = { productId, ...productCells(product) }
  const base = ({ stock, version }: KnownUnit) => ({ stockBase: `${stock}@${version}` })
  if (product.options.length === 0) return [{ ...lead, ...unitCells(own), ...base(own) }]
  return variants.map((variant, n) => ({
    ...(n === 0 ? lead : { productId }),
    variantId: variant.id,
    ...unitCells(variant),
    ...base(variant),
  }))
}

const byPlace = (places: readonly (keyof Cells)[], texts: readonly string[]): Cells =>
  Object.fromEntries(places.flatMap((column, n) => (texts[n] === undefined ? [] : [[column, texts[n]]])))
