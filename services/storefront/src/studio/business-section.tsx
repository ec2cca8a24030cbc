import { useId, useState } from 'preact/hooks'
import { noteBusiness, readBusiness } from '../api/business.ts'
import type { SellerBusiness } from '../api/model.ts'
import { account } from '../api/session.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { receiptText } from '../shop/receipt-texts.ts'

const fields = ['name', 'representative', 'businessNumber', 'mailOrderNumber', 'address', 'phone'] as const
const nothing = Object.fromEntries(fields.map((field) => [field, ''])) as SellerBusiness

/** Whose business this is: receipts show it. */
export function BusinessSection() {
  const known = useResource(() => readBusiness(account.value?.id ?? ''), { key: account.value?.id })
  return (
    <section class="panel stack" aria-labelledby="business-title">
      <h2 id="business-title">{receiptText('business.title')}</h2>
      <p class="muted small">{receiptText('business.why')}</p>
      <ErrorNote error={known.error} />
      {known.value !== undefined && <BusinessForm known={known.value ?? nothing} />}
    </section>
  )
}

function BusinessForm({ known }: { known: SellerBusiness }) {
  const [business, setBusiness] = useState(known)
  const [saved, setSaved] = useState(false)
  const id = useId()
  const save = useAction(async () => {
    await noteBusiness(business)
    setSaved(true)
  })
  return (
    <form
      class="stack"
      data-testid={testIds.businessForm}
      onSubmit={(event) => {
        event.preventDefault()
        save.run()
      }}
    >
      {fields.map((field) => (
        <div key={field} class="stack">
          <label for={`${id}-${field}`}>{receiptText(`business.${field}`)}</label>
          <input
            id={`${id}-${field}`}
            required
            maxLength={200}
            data-testid={testIds.businessField(field)}
            value={business[field]}
            onInput={(event) => {
              setSaved(false)
              setBusiness({ ...business, [field]: event.currentTarget.value })
            }}
          />
        </div>
      ))}
      <ErrorNote error={save.error} />
      <button type="submit" class="button" disabled={save.busy}>
        {saved ? receiptText('business.saved') : receiptText('business.save')}
      </button>
    </form>
  )
}
