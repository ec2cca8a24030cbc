import type { Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { ProductCard } from './product-card.tsx'

/** What is sold in a broadcast; with `onClose` as what a sheet holds. */
export function ProductList({
  products,
  pinnedIds,
  stockOf,
  isHeld,
  closed,
  onBuy,
  onClose,
}: {
  products: readonly Product[]
  pinnedIds: readonly string[]
  stockOf: (product: Product) => number
  isHeld: (product: Product) => boolean
  closed: boolean
  onBuy: (product: Product) => void
  onClose?: () => void
}) {
  return (
    <section class="products" aria-labelledby="products-title" tabIndex={-1}>
      <header class="row row-apart">
        <h2 id="products-title">{t('shop.products')}</h2>
        {onClose && (
          <button type="button" class="icon-button" aria-label={t('common.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      {products.length === 0 && <p class="muted">{t('shop.none')}</p>}
      <ul class="product-list">
        {products.map((product) => (
          <ProductCard
            key={product.id}
            product={product}
            stock={stockOf(product)}
            pinned={pinnedIds.includes(product.id)}
            held={isHeld(product)}
            closed={closed}
            onBuy={() => onBuy(product)}
          />
        ))}
      </ul>
    </section>
  )
}
