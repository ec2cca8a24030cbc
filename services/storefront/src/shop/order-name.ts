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

/** What a product was called when it was ordered, or its id where that is not known. */
export const itemName = ({ name, productId }: Order['items'][number]): string =>
  name === '' ? t('orders.product', { id: productId }) : name
