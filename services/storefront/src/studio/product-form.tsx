import { useState } from 'preact/hooks'
import { addPicture, toCategory, type CategoryId } from '../api/catalogue.ts'
import { addStock, changeProduct, createProduct, setVariants } from '../api/commerce.ts'
import type { Product, ProductPatch } from '../api/model.ts'
import { explain, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readFiles, readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { catalogueText } from './catalogue-texts.ts'
import { CategoryField } from './category-field.tsx'
import { imageTypes } from './image-types.ts'
import { useVariantDraft, type TypedVariants } from './use-variant-draft.ts'
import { emptyDraft, newPlanOf, restocksOf } from './variant-draft.ts'
import { VariantEditor } from './variant-editor.tsx'

/** Adds a product, or changes the given one. */
export function ProductForm({ product: newest, onSaved }: { product?: Product; onSaved: () => void }) {
  const [note, setNote] = useState('')
  // As the form shows it: what is read anew while the seller types changes neither the fields nor what they are held against.
  const [product] = useState(newest)
  const variants = useVariantDraft(product)
  const hasOptions = variants.had || variants.draft.options.length > 0
  const [price, setPrice] = useState('')
  const { run, busy, error } = useAction(async (form: HTMLFormElement) => {
    setNote('')
    const values = {
      name: readText(form, 'name'),
      description: readText(form, 'description'),
      price: { amount: Number(readText(form, 'price')), currency: product?.price.currency ?? 'KRW' },
      stock: Number(readText(form, 'stock')),
      requiresShipping: readText(form, 'requiresShipping') === 'on',
      category: toCategory(readText(form, 'category')) ?? null,
      draft: readText(form, 'draft') === 'on',
    }
    const saved = await save(product, values, variants)
    setNote(await imageNote(saved, readFiles(form, 'image')))
    if (product === undefined) {
      form.reset()
      variants.change(emptyDraft)
    }
    onSaved()
  })
  return (
    <form
      class="stack form"
      data-testid={testIds.productForm}
      onSubmit={(event) => {
        event.preventDefault()
        run(event.currentTarget)
      }}
    >
      <Field
        label={t('studio.name')}
        name="name"
        defaultValue={product?.name}
        maxLength={100}
        required
        testId={testIds.productName}
      />
      <Field
        label={t('studio.description')}
        name="description"
        multiline
        defaultValue={product?.description}
        maxLength={2_000}
        testId={testIds.productDescription}
      />
      <div class="row row-even">
        {!variants.had && (
          <Field
            label={t('studio.price')}
            name="price"
            type="number"
            min={0}
            step={1}
            inputMode="numeric"
            defaultValue={product?.price.amount}
            required
            testId={testIds.productPrice}
            onInput={(event) => setPrice(event.currentTarget.value)}
          />
        )}
        {!hasOptions && (
          <Field
            label={t('studio.stock')}
            name="stock"
            type="number"
            min={0}
            max={1_000_000}
            step={1}
            inputMode="numeric"
            defaultValue={product?.stock}
            required
            testId={testIds.productStock}
          />
        )}
      </div>
      {variants.had && variants.before === undefined ? (
        <ErrorNote error={variants.error} testId={testIds.formError} />
      ) : (
        <VariantEditor
          draft={variants.draft}
          price={price === '' ? `${product?.price.amount ?? ''}` : price}
          lasting={variants.had}
          onChange={variants.change}
        />
      )}
      <label class="row">
        <input
          type="checkbox"
          name="requiresShipping"
          defaultChecked={product?.requiresShipping ?? true}
          data-testid={testIds.productShipping}
        />
        {t('studio.requiresShipping')}
      </label>
      <CategoryField value={product?.category} />
      {product === undefined && (
        <Field
          label={t('studio.image')}
          name="image"
          type="file"
          multiple
          accept={imageTypes}
          testId={testIds.productImage}
        />
      )}
      {product?.draft !== false && (
        <label class="row">
          <input type="checkbox" name="draft" defaultChecked={product?.draft} data-testid={testIds.productDraft} />
          {catalogueText('draft.save')}
          {product && <span class="muted small">{catalogueText('draft.hint')}</span>}
        </label>
      )}
      <ErrorNote error={error} testId={testIds.formError} />
      <p role="status" class="muted">
        {note}
      </p>
      <button
        type="submit"
        class="button button-primary"
        disabled={busy || variants.tooMany || (variants.had && variants.before === undefined)}
      >
        {busy ? t('common.loading') : product === undefined ? t('studio.productAdd') : t('common.save')}
      </button>
    </form>
  )
}

type Values = Pick<Product, 'name' | 'description' | 'price' | 'stock' | 'requiresShipping' | 'draft'> & {
  category: CategoryId | null
}

async function save(product: Product | undefined, values: Values, variants: TypedVariants): Promise<Product> {
  const { had, before, draft } = variants
  const hasOptions = draft.options.length > 0
  const plan = hasOptions ? newPlanOf(draft, values.price.currency, before) : undefined
  if (product === undefined) {
    const { stock, ...rest } = values
    return await createProduct(plan ? { ...rest, ...plan } : { ...rest, stock })
  }
  if (!hasOptions) return await change(product, values)
  const { stock, price } = product
  const changed = await change(product, { ...values, stock, price: had ? price : values.price })
  if (plan) await setVariants(product.id, plan)
  for (const restock of before ? restocksOf(draft, before) : []) await addStock(product.id, restock)
  return changed
}

/**
 * Sends only what was changed, and stock as a difference to what the form showed: units that were sold while it was open
 * stay sold.
 */
async function change(product: Product, values: Values): Promise<Product> {
  const patch: ProductPatch = {}
  if (values.name !== product.name) patch.name = values.name
  if (values.description !== product.description) patch.description = values.description
  if (values.price.amount !== product.price.amount) patch.price = values.price
  if (values.requiresShipping !== product.requiresShipping) patch.requiresShipping = values.requiresShipping
  if (values.category !== product.category) patch.category = values.category
  if (product.draft && !values.draft) patch.draft = false
  const changed = Object.keys(patch).length === 0 ? product : await changeProduct(product.id, patch)
  if (values.stock === product.stock) return changed
  const units = values.stock - product.stock
  // pressed again without an answer, it is the same request: what the form shows has not changed
  return await addStock(product.id, { units, idempotencyKey: `stock-${product.version}-${units}` })
}

// The product is saved by now: a refused image is told, and does not make the seller enter everything again.
async function imageNote(product: Product, images: readonly File[]): Promise<string> {
  try {
    for (const image of images) await addPicture(product.id, image)
    return t('studio.saved')
  } catch (error) {
    return t('studio.imageFailed', { reason: explain(error) })
  }
}
