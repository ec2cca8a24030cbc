import { useState } from 'preact/hooks'
import { copyProduct } from '../api/catalogue.ts'
import type { Product } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Picture } from '../ui/picture.tsx'
import { useAction } from '../ui/use-action.ts'
import { StockBadge } from '../watch/stock-badge.tsx'
import { catalogueText } from './catalogue-texts.ts'
import { PictureEditor } from './picture-editor.tsx'
import { ProductFiles } from './product-files.tsx'
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
  const [copied, setCopied] = useState('')
  const copying = useAction(async (id: string) => {
    const { name } = await copyProduct(id)
    setCopied(catalogueText('copy.done', { name }))
    onChanged()
  })
  return (
    <section class="panel stack" aria-labelledby="products-title">
      <h2 id="products-title">{t('studio.products')}</h2>
      {products?.length === 0 && <p class="muted">{t('studio.productsNone')}</p>}
      <ul class="product-list">
        {products?.map((product) => (
          <li key={product.id} class="product" data-testid={testIds.studioProduct(product.id)}>
            <Picture urls={product.imageUrls} size="list" letter={product.name} />
            <div class="product-text">
              <h3>
                {product.name} {product.draft && <span class="badge">{catalogueText('draft.badge')}</span>}
              </h3>
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
                <PictureEditor productId={product.id} onChanged={onChanged} />
                <ProductForm
                  product={product}
                  onSaved={() => {
                    setEditing(undefined)
                    onChanged()
                  }}
                />
                <button
                  type="button"
                  class="button"
                  aria-label={catalogueText('copy.label', { name: product.name })}
                  data-testid={testIds.copyProduct(product.id)}
                  disabled={copying.busy}
                  onClick={() => copying.run(product.id)}
                >
                  {catalogueText('copy.do')}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <ErrorNote error={copying.error} />
      <p role="status" class="muted">
        {copied}
      </p>
      <details open={products?.length === 0}>
        <summary>{t('studio.productNew')}</summary>
        <ProductForm onSaved={onChanged} />
      </details>
      <ProductFiles onChanged={onChanged} />
    </section>
  )
}
