import type { Product } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'
import { StockBadge } from './stock-badge.tsx'

/** One product on sale, with its live stock. */
export function ProductCard({
  product,
  stock,
  pinned,
  closed,
  onBuy,
}: {
  product: Product
  stock: number
  pinned: boolean
  closed: boolean
  onBuy: () => void
}) {
  const soldOut = stock === 0
  return (
    <li class={`product ${pinned ? 'product-pinned' : ''}`} data-testid={testIds.productCard(product.id)}>
      <Picture urls={product.imageUrls} size="list" letter={product.name} />
      <div class="product-text">
        {pinned && <span class="tag">{t('shop.nowShowing')}</span>}
        <h3>{product.name}</h3>
        <p class="price">{formatMoney(product.price, locale.value)}</p>
        <StockBadge productId={product.id} stock={stock} />
      </div>
      <button
        type="button"
        class="button button-primary"
        aria-label={`${soldOut ? t('shop.soldOut') : t('shop.buy')}: ${product.name}`}
        data-testid={testIds.buy(product.id)}
        disabled={soldOut || closed}
        onClick={onBuy}
      >
        {soldOut ? t('shop.soldOut') : t('shop.buy')}
      </button>
    </li>
  )
}
