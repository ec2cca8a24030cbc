import { Link } from 'wouter-preact'
import type { Product } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'

/** Products as tiles that lead to their pages; `heading` is one level below what stands above. */
export function ProductTiles({ products, heading: Heading }: { products: readonly Product[]; heading: 'h2' | 'h3' }) {
  return (
    <ul class="tiles">
      {products.map((product) => (
        <li key={product.id} class="tile" data-testid={testIds.productTile(product.id)}>
          <Link href={`/products/${product.id}`} class="card-link">
            <div class="tile-picture">
              <Picture urls={product.imageUrls} size="card" letter={product.name} />
            </div>
            <Heading class="tile-name">{product.name}</Heading>
            <p class="price">{formatMoney(product.price, locale.value)}</p>
            {product.stock === 0 && <p class="muted small">{t('shop.soldOut')}</p>}
          </Link>
        </li>
      ))}
    </ul>
  )
}
