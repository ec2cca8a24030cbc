import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

const mostAtOnce = 99

/** Chooses how many, never more than are left. */
export function QuantityPicker({
  quantity,
  left,
  disabled,
  onChange,
}: {
  quantity: number
  left: number
  disabled: boolean
  onChange: (quantity: number) => void
}) {
  const most = Math.max(1, Math.min(left, mostAtOnce))
  const choose = (next: number) => onChange(Math.max(1, Math.min(most, Math.trunc(next) || 1)))
  return (
    <div class="quantity" role="group" aria-label={t('checkout.quantity')} tabIndex={-1}>
      <button
        type="button"
        class="button button-square"
        data-testid={testIds.quantityLess}
        disabled={disabled || quantity <= 1}
        onClick={() => choose(quantity - 1)}
      >
        <span aria-hidden="true">−</span>
        <span class="visually-hidden">{t('checkout.less')}</span>
      </button>
      <input
        type="text"
        pattern="[0-9]*"
        value={quantity}
        inputMode="numeric"
        aria-label={t('checkout.quantity')}
        data-testid={testIds.quantity}
        disabled={disabled}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      />
      <button
        type="button"
        class="button button-square"
        data-testid={testIds.quantityMore}
        disabled={disabled || quantity >= most}
        onClick={() => choose(quantity + 1)}
      >
        <span aria-hidden="true">+</span>
        <span class="visually-hidden">{t('checkout.more')}</span>
      </button>
    </div>
  )
}
