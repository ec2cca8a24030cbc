import type { Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'
import { Price } from './price.tsx'
import { StockBadge } from './stock-badge.tsx'

/** One product on sale, with its live stock. */
export function ProductCard({
  product,
  stock,
  pinned,
  held,
  closed,
  onBuy,
}: {
  product: Product
  stock: number
  pinned: boolean
  held: boolean
  closed: boolean
  onBuy: () => void
}) {
  const label = buyLabel({ stock, held, closed })
  return (
    <li class={`product ${pinned ? 'product-pinned' : ''}`} data-testid={testIds.productCard(product.id)}>
      <Picture urls={product.imageUrls} size="list" letter={product.name} />
      <div class="product-text">
        {pinned && <span class="tag">{t('shop.nowShowing')}</span>}
        <h3>{product.name}</h3>
        <p class="price">
          <Price price={product.price} deal={product.deal} />
        </p>
        <StockBadge productId={product.id} stock={stock} />
      </div>
      <button
        type="button"
        class="button button-primary"
        aria-label={`${label.text}: ${product.name}`}
        data-testid={testIds.buy(product.id)}
        disabled={!label.buys}
        onClick={onBuy}
      >
        {label.text}
      </button>
    </li>
  )
}

/**
 * What the button of a product says: units that the viewer holds are paid for, whatever is left and whether the show is
 * over; for what is sold out one may wait.
 */
export function buyLabel({ stock, held, closed }: { stock: number; held: boolean; closed: boolean }): {
  text: string
  buys: boolean
} {
  if (held) return { text: t('checkout.goOn'), buys: true }
  if (closed) return { text: t('shop.over'), buys: false }
  return { text: t(stock === 0 ? 'shop.wait' : 'shop.buy'), buys: true }
}
