import type { Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'
import { Price } from './price.tsx'
import { buyLabel } from './product-card.tsx'

/** The products that the seller shows now, over the picture: one press to the order. Several are a row to be moved aside. */
export function PinnedCards({
  products,
  stockOf,
  onBuy,
}: {
  products: readonly Product[]
  stockOf: (product: Product) => number
  onBuy: (product: Product) => void
}) {
  if (products.length === 0) return null
  return (
    <div class="pins">
      {products.map((product) => (
        <PinnedCard key={product.id} product={product} stock={stockOf(product)} onBuy={() => onBuy(product)} />
      ))}
    </div>
  )
}

function PinnedCard({ product, stock, onBuy }: { product: Product; stock: number; onBuy: () => void }) {
  const label = buyLabel({ stock, held: false, closed: false })
  const left = stock === 0 ? t('shop.soldOut') : t('shop.left', { count: stock })
  return (
    <button
      type="button"
      class="pinned"
      data-testid={testIds.pinnedProduct}
      data-product-id={product.id}
      disabled={!label.buys}
      onClick={onBuy}
    >
      <Picture urls={product.imageUrls} size="list" letter={product.name} />
      <span class="pinned-text">
        <span class="tag">{t('shop.nowShowing')}</span>
        <span class="pinned-name">{product.name}</span>
        <span class="pinned-price">
          <Price price={product.price} deal={product.deal} /> <span class="pinned-left">{left}</span>
        </span>
      </span>
      {label.buys && <span class="pinned-buy">{label.text}</span>}
    </button>
  )
}
