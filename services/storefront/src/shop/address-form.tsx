import type { Address } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { addressText } from './address-texts.ts'

/** Where goods go, entered by hand: it works without any service that looks addresses up. */
export function AddressForm({
  address,
  saveLabel,
  onSave,
  onCancel,
}: {
  address?: Address
  saveLabel: string
  onSave: (address: Address) => Promise<void>
  onCancel?: () => void
}) {
  const save = useAction(async (form: HTMLFormElement) => {
    const country = readText(form, 'country').toUpperCase()
    await onSave({
      recipient: readText(form, 'recipient'),
      phone: readText(form, 'phone'),
      country: country === '' ? 'KR' : country,
      postalCode: readText(form, 'postalCode'),
      roadAddress: readText(form, 'roadAddress'),
      detail: readText(form, 'detail'),
      memo: readText(form, 'memo'),
    })
  })
  const text = (
    name: keyof Address,
    options: { autocomplete: string; maxLength: number; required?: boolean; inputMode?: 'tel' | 'numeric' },
  ) => (
    <Field
      label={addressText(`address.${name}`)}
      name={name}
      defaultValue={address?.[name] ?? (name === 'country' ? 'KR' : '')}
      testId={testIds.address(name)}
      {...options}
    />
  )
  return (
    <form
      class="stack form"
      data-testid={testIds.addressForm}
      onSubmit={(event) => {
        event.preventDefault()
        save.run(event.currentTarget)
      }}
    >
      <div class="row row-even">
        {text('recipient', { autocomplete: 'name', maxLength: 50, required: true })}
        {text('phone', { autocomplete: 'tel', maxLength: 24, required: true, inputMode: 'tel' })}
      </div>
      <div class="row row-even">
        {text('postalCode', { autocomplete: 'postal-code', maxLength: 12 })}
        {text('country', { autocomplete: 'country', maxLength: 2, required: true })}
      </div>
      {text('roadAddress', { autocomplete: 'address-line1', maxLength: 200, required: true })}
      {text('detail', { autocomplete: 'address-line2', maxLength: 100 })}
      {text('memo', { autocomplete: 'off', maxLength: 100 })}
      <ErrorNote error={save.error} testId={testIds.formError} />
      <div class="row">
        <button type="submit" class="button button-primary" disabled={save.busy} data-testid={testIds.addressSave}>
          {save.busy ? t('common.loading') : saveLabel}
        </button>
        {onCancel && (
          <button type="button" class="button button-quiet" onClick={onCancel}>
            {t('common.cancel')}
          </button>
        )}
      </div>
    </form>
  )
}
