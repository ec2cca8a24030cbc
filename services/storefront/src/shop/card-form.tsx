import { useId, useRef, useState } from 'preact/hooks'
import type { CardDetails } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { groupCardNumber, groupExpiry, readCard, type CardField } from './card-input.ts'

/**
 * Takes a card. What is typed stays in the inputs themselves: no state, no storage, no log; it leaves them once, to the
 * payment service, and the form is emptied when it is gone.
 */
export function CardForm({
  payLabel,
  busy,
  onPay,
}: {
  payLabel: string
  busy: boolean
  onPay: (card: CardDetails) => void
}) {
  const form = useRef<HTMLFormElement>(null)
  const title = useId()
  const [wrong, setWrong] = useState<readonly CardField[]>([])
  const errorOf = (field: CardField) => (wrong.includes(field) ? t(`card.${field}`) : undefined)

  const submit = (event: Event) => {
    event.preventDefault()
    if (!form.current || busy) return
    const [number, expiry, cvc] = [
      readText(form.current, 'cardNumber'),
      readText(form.current, 'cardExpiry'),
      readText(form.current, 'cardCvc'),
    ]
    const read = readCard({ number, expiry, cvc }, new Date())
    if ('card' in read) {
      setWrong([])
      onPay(read.card)
      return
    }
    setWrong(read.wrong)
    form.current.querySelector<HTMLInputElement>(`[data-field="${read.wrong[0]}"]`)?.focus()
  }

  return (
    <form ref={form} class="stack card-form" aria-labelledby={title} noValidate onSubmit={submit}>
      <h3 id={title}>{t('checkout.card')}</h3>
      <Field
        label={t('checkout.cardNumber')}
        name="cardNumber"
        data-field="number"
        inputMode="numeric"
        autocomplete="cc-number"
        placeholder="0000 0000 0000 0000"
        error={errorOf('number')}
        testId={testIds.cardNumber}
        onInput={(event) => regroup(event.currentTarget, groupCardNumber)}
      />
      <div class="row row-even">
        <Field
          label={t('checkout.cardExpiry')}
          name="cardExpiry"
          data-field="expiry"
          inputMode="numeric"
          autocomplete="cc-exp"
          placeholder="MM/YY"
          error={errorOf('expiry')}
          testId={testIds.cardExpiry}
          onInput={(event) => regroup(event.currentTarget, groupExpiry)}
        />
        <Field
          label={t('checkout.cardCvc')}
          name="cardCvc"
          data-field="cvc"
          type="password"
          inputMode="numeric"
          autocomplete="cc-csc"
          maxLength={4}
          placeholder="•••"
          error={errorOf('cvc')}
          testId={testIds.cardCvc}
        />
      </div>
      <p class="muted small">{t('checkout.cardNote')}</p>
      <button type="submit" class="button button-primary button-large" disabled={busy} data-testid={testIds.pay}>
        {payLabel}
      </button>
    </form>
  )
}

// Only while typing at the end: a correction in the middle must not make the caret jump.
function regroup(input: HTMLInputElement, group: (text: string) => string): void {
  if (input.selectionStart === input.value.length) input.value = group(input.value)
}
