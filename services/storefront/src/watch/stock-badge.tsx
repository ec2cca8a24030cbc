import { formatCount } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

const fewUnits = 5

/** Units left, in words; its width does not follow the digits, so a change moves nothing around it. */
export function StockBadge({ productId, stock }: { productId: string; stock: number }) {
  const count = formatCount(stock, locale.value)
  const kind = stock === 0 ? 'none' : stock <= fewUnits ? 'few' : 'some'
  const text = { none: t('shop.soldOut'), few: t('shop.lowStock', { count }), some: t('shop.left', { count }) }[kind]
  return (
    <span class={`stock stock-${kind}`} data-testid={testIds.stock(productId)} data-stock={stock}>
      {text}
    </span>
  )
}
