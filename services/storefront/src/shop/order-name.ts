import type { Order } from '../api/model.ts'
import { t } from '../i18n/translate.ts'

/** What an order is called in lists: its product, or the first of its products and how many more there are. */
export function orderName({ items }: Order): string {
  const [first, ...more] = items
  const name = first === undefined ? '' : itemName(first)
  return more.length === 0 ? name : t('orders.several', { name, count: more.length })
}

/** An order's number as people say it on the phone: the end of its id, which has no letter that is taken for a digit. */
export const orderNumber = (id: string): string =>
  id
    .slice(-8)
    .toUpperCase()
    .replace(/^(.{4})(.+)/, '$1-$2')

/** What was bought, as it was called then: `Shirt (Red / L)`; its id where that is not known. */
// a service of the version before knows no options
export function itemName({ name, productId, options = [] }: Named): string {
  const shown = name === '' ? t('orders.product', { id: productId }) : name
  return options.length === 0 ? shown : `${shown} (${options.map(({ value }) => value).join(' / ')})`
}

type Item = Order['items'][number]
type Named = Pick<Item, 'name' | 'productId'> & Partial<Pick<Item, 'options'>>
