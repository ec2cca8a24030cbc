import { testIds } from '../testing/test-ids.ts'
import { Field } from '../ui/field.tsx'
import {
  isTooMany,
  keyOf,
  optionsMax,
  rowsOf,
  type OptionDraft,
  type RowDraft,
  type VariantDraft,
} from './variant-draft.ts'
import { variantText } from './variant-texts.ts'

/** Makes a product's options, and the grid of what is sold with stock, price and code of each. */
export function VariantEditor({
  draft,
  price,
  lasting,
  onChange,
}: {
  draft: VariantDraft
  /** The product's, as a hint: what a variant without its own costs. */
  price: string
  /** The product has options already: it keeps some. */
  lasting: boolean
  onChange: (draft: VariantDraft) => void
}) {
  const { options } = draft
  const setOption = (index: number, option: OptionDraft) =>
    onChange({ ...draft, options: options.map((each, n) => (n === index ? option : each)) })
  return (
    <fieldset class="stack variants" data-testid={testIds.variantEditor}>
      <legend>{variantText('variants.title')}</legend>
      <p class="muted small">{variantText(lasting ? 'variants.lasting' : 'variants.hint')}</p>
      {options.map((option, index) => (
        <div key={index} class="row row-even variants-option">
          <Field
            label={variantText('variants.name', { n: index + 1 })}
            value={option.name}
            maxLength={30}
            required
            testId={testIds.optionName(index)}
            onInput={(event) => setOption(index, { ...option, name: event.currentTarget.value })}
          />
          <Field
            label={variantText('variants.values')}
            value={option.values}
            maxLength={1_000}
            required
            testId={testIds.optionValues(index)}
            onInput={(event) => setOption(index, { ...option, values: event.currentTarget.value })}
          />
          {!(lasting && options.length === 1) && (
            <button
              type="button"
              class="link-button"
              aria-label={`${variantText('variants.remove')}: ${option.name}`}
              onClick={() => onChange({ ...draft, options: options.filter((_, n) => n !== index) })}
            >
              {variantText('variants.remove')}
            </button>
          )}
        </div>
      ))}
      {options.length < optionsMax && (
        <button
          type="button"
          class="button button-quiet"
          data-testid={testIds.optionAdd}
          onClick={() => onChange({ ...draft, options: [...options, { name: '', values: '' }] })}
        >
          {variantText('variants.add')}
        </button>
      )}
      {isTooMany(draft) ? (
        <p class="error-note" role="alert">
          {variantText('variants.tooMany')}
        </p>
      ) : (
        <Grid draft={draft} price={price} onChange={onChange} />
      )}
    </fieldset>
  )
}

function Grid({
  draft,
  price,
  onChange,
}: {
  draft: VariantDraft
  price: string
  onChange: (draft: VariantDraft) => void
}) {
  const rows = rowsOf(draft)
  if (rows.length === 0) return null
  const set = (values: readonly string[], row: RowDraft) =>
    onChange({ ...draft, rows: new Map(draft.rows).set(keyOf(values), row) })
  return (
    <div class="stack">
      <p class="variants-head small" aria-hidden="true">
        <span>{variantText('variants.stock')}</span>
        <span>{variantText('variants.price')}</span>
        <span>{variantText('variants.sku')}</span>
      </p>
      <ul class="variants-rows" aria-label={variantText('variants.grid')}>
        {rows.map(({ values, row }, index) => (
          <Row
            key={keyOf(values)}
            index={index}
            variant={values.join(' / ')}
            row={row}
            price={price}
            onChange={(next) => set(values, next)}
          />
        ))}
      </ul>
    </div>
  )
}

function Row({
  index,
  variant,
  row,
  price,
  onChange,
}: {
  index: number
  variant: string
  row: RowDraft
  price: string
  onChange: (row: RowDraft) => void
}) {
  const input = (field: 'stock' | 'price' | 'sku', more: { placeholder: string; maxLength: number }) => (
    <input
      type="text"
      inputMode={field === 'sku' ? undefined : 'numeric'}
      pattern={field === 'sku' ? undefined : '[0-9]*'}
      aria-label={variantText('variants.of', { label: variantText(`variants.${field}`), variant })}
      value={row[field]}
      disabled={!row.sold}
      data-testid={testIds.variantCell(index, field)}
      onInput={(event) => onChange({ ...row, [field]: event.currentTarget.value })}
      {...more}
    />
  )
  return (
    <li class="variants-row">
      <label class="row">
        <input
          type="checkbox"
          checked={row.sold}
          data-testid={testIds.variantSold(index)}
          onChange={(event) => onChange({ ...row, sold: event.currentTarget.checked })}
        />
        {variant}
      </label>
      {input('stock', { placeholder: '0', maxLength: 7 })}
      {input('price', { placeholder: price, maxLength: 12 })}
      {input('sku', { placeholder: '', maxLength: 64 })}
    </li>
  )
}
