import { useId, useState } from 'preact/hooks'
import type { ShippingRule } from '../api/model.ts'
import { account } from '../api/session.ts'
import { readShippingRule, setShippingRule } from '../api/shipping.ts'
import { describeRule, shippingText } from '../shop/shipping-texts.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'

const fields = ['fee', 'freeOver', 'remoteSurcharge', 'showCap'] as const
type Entered = Record<(typeof fields)[number], string>

/** What a seller takes for sending, in won. */
export function ShippingSection() {
  const known = useResource(() => readShippingRule(account.value?.id ?? ''), { key: account.value?.id })
  return (
    <section class="panel stack" aria-labelledby="shipping-title">
      <h2 id="shipping-title">{shippingText('shipping.title')}</h2>
      <p class="muted small">{shippingText('shipping.why')}</p>
      <ErrorNote error={known.error} />
      {known.value !== undefined && <ShippingForm known={known.value} />}
    </section>
  )
}

function ShippingForm({ known }: { known: ShippingRule | null }) {
  const [entered, setEntered] = useState(enteredOf(known))
  const [saved, setSaved] = useState(false)
  const id = useId()
  const save = useAction(async () => {
    await setShippingRule(ruleOf(entered))
    setSaved(true)
  })
  return (
    <form
      class="stack"
      data-testid={testIds.shippingForm}
      onSubmit={(event) => {
        event.preventDefault()
        save.run()
      }}
    >
      {fields.map((field) => (
        <div key={field} class="stack">
          <label for={`${id}-${field}`}>{shippingText(`shipping.form.${field}`)}</label>
          <input
            id={`${id}-${field}`}
            inputMode="numeric"
            pattern="[0-9]{0,9}"
            maxLength={9}
            data-testid={testIds.shippingField(field)}
            value={entered[field]}
            onInput={(event) => {
              setSaved(false)
              setEntered({ ...entered, [field]: event.currentTarget.value })
            }}
          />
        </div>
      ))}
      <p class="muted small" data-testid={testIds.shippingRule}>
        {describeRule(ruleOf(entered))}
      </p>
      <ErrorNote error={save.error} />
      <button type="submit" class="button" disabled={save.busy}>
        {saved ? shippingText('shipping.saved') : shippingText('shipping.save')}
      </button>
    </form>
  )
}

const enteredOf = (rule: ShippingRule | null): Entered => ({
  fee: String(rule?.fee.amount ?? ''),
  freeOver: String(rule?.freeOver?.amount ?? ''),
  remoteSurcharge: String(rule?.remoteSurcharge.amount ?? ''),
  showCap: String(rule?.showCap?.amount ?? ''),
})

// A rule that takes nothing is none.
function ruleOf({ fee, freeOver, remoteSurcharge, showCap }: Entered): ShippingRule | null {
  const won = (text: string) => ({ amount: Number(text) || 0, currency: 'KRW' })
  const orNull = (text: string) => (text === '' ? null : won(text))
  if (won(fee).amount === 0 && won(remoteSurcharge).amount === 0) return null
  return { fee: won(fee), freeOver: orNull(freeOver), remoteSurcharge: won(remoteSurcharge), showCap: orNull(showCap) }
}
