import type { Order, Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'

/** What an order is called in lists: its product, or the first of its products and how many more there are. */
export function orderName({ items }: Order, products: ReadonlyMap<string, Product>): string {
  const [first, ...more] = items
  const name = first === undefined ? '' : itemName(first.productId, products)
  return more.length === 0 ? name : t('orders.several', { name, count: more.length })
}

/** A product's name, or its id where it could not be read. */
export const itemName = (productId: string, products: ReadonlyMap<string, Product>): string =>
  products.get(productId)?.name ?? t('orders.product', { id: productId })
