/** The choice among a product's variants, as the panel of a purchase has it. */
import { readVariants } from '../api/commerce.ts'
import type { Product, Variant, Variants } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import type { StockLevel } from '../watch/live-state.ts'
import type { CheckoutFlow } from './checkout-flow.ts'
import { OptionPicker } from './option-picker.tsx'
import { optionText } from './option-texts.ts'
import { pricesDiffer, stockOf, variantOf } from './variant-choice.ts'

/** What there is to choose, with the newest stock, and what is chosen. */
export interface Choice {
  /** Undefined until they were read. */
  all: Variants | undefined
  /** Undefined until each option has a value. */
  variant: Variant | undefined
  error: unknown
  reload: () => void
}

/** The choice of a product with options; undefined of any other. A new price or name of the product has it read anew. */
export function useChoice(
  product: Product,
  flow: CheckoutFlow,
  heard: ReadonlyMap<string, StockLevel>,
): Choice | undefined {
  const hasOptions = Boolean(product.options?.length) // a service of the version before knows none
  const read = async (signal: AbortSignal) => (hasOptions ? await readVariants(product.id, signal) : undefined)
  const { value, error, reload } = useResource(read, { key: `${product.id} ${product.revision}` })
  if (!hasOptions) return undefined
  const variants = value?.variants.map((variant) => ({ ...variant, stock: stockOf(variant, heard) }))
  return {
    all: value && variants && { ...value, variants },
    variant: variants && variantOf(variants, flow.chosen.value),
    error,
    reload,
  }
}

/** The options themselves, or why they are not there. */
export function Options({
  choice: { all, error, reload },
  flow,
  disabled,
}: {
  choice: Choice
  flow: CheckoutFlow
  disabled: boolean
}) {
  if (all !== undefined) {
    const chosen = flow.chosen.value
    return (
      <OptionPicker
        {...all}
        chosen={chosen}
        disabled={disabled}
        onChange={(next) => {
          flow.chosen.value = next
        }}
      />
    )
  }
  if (error === undefined) return <p class="muted">{t('common.loading')}</p>
  return (
    <div class="stack">
      <ErrorNote error={error} testId={testIds.checkoutError} />
      <button type="button" class="button" onClick={reload}>
        {t('common.retry')}
      </button>
    </div>
  )
}

/** What it costs: the chosen variant, or from where prices begin. */
export function priceText(product: Product, choice: Choice | undefined): string {
  if (choice?.variant) return formatMoney(choice.variant.price, locale.value)
  const price = formatMoney(product.price, locale.value)
  return choice?.all && pricesDiffer(choice.all) ? optionText('option.from', { price }) : price
}

/** What the button says while something is to be chosen: the next option. */
export const chooseText = ({ options }: Product, flow: CheckoutFlow): string =>
  optionText('option.choose', { options: options[flow.chosen.value.length]?.name ?? '' })
