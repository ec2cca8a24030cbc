import { useState } from 'preact/hooks'
import type { Product } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'
import { StockBadge } from '../watch/stock-badge.tsx'
import { ProductForm } from './product-form.tsx'

/** The seller's products: add one, change one. */
export function ProductsSection({
  products,
  onChanged,
}: {
  products: readonly Product[] | undefined
  onChanged: () => void
}) {
  const [editing, setEditing] = useState<string>()
  return (
    <section class="panel stack" aria-labelledby="products-title">
      <h2 id="products-title">{t('studio.products')}</h2>
      {products?.length === 0 && <p class="muted">{t('studio.productsNone')}</p>}
      <ul class="product-list">
        {products?.map((product) => (
          <li key={product.id} class="product" data-testid={testIds.studioProduct(product.id)}>
            <Picture urls={product.imageUrls} size="list" letter={product.name} />
            <div class="product-text">
              <h3>{product.name}</h3>
              <p class="price">{formatMoney(product.price, locale.value)}</p>
              <StockBadge productId={product.id} stock={product.stock} />
            </div>
            <button
              type="button"
              class="button button-quiet"
              aria-expanded={editing === product.id}
              data-testid={testIds.editProduct(product.id)}
              onClick={() => setEditing(editing === product.id ? undefined : product.id)}
            >
              {editing === product.id ? t('common.close') : t('common.edit')}
            </button>
            {editing === product.id && (
              <div class="product-edit">
                <ProductForm
                  product={product}
                  onSaved={() => {
                    setEditing(undefined)
                    onChanged()
                  }}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
      <details open={products?.length === 0}>
        <summary>{t('studio.productNew')}</summary>
        <ProductForm onSaved={onChanged} />
      </details>
    </section>
  )
}
