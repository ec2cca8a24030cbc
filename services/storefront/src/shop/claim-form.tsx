import { makeClaim } from '../api/fulfilment.ts'
import type { Fulfilment, Order } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { itemName } from './order-name.ts'
import { unitsLeft } from './units-left.ts'

/** Asks to call an order off, or to send so many units of each of its products back. */
export function ClaimForm({
  order,
  way,
  kind,
  onDone,
  onCancel,
}: {
  order: Order
  way: Fulfilment
  kind: 'cancel' | 'return'
  onDone: () => void
  onCancel: () => void
}) {
  const left = unitsLeft(order, way.claims)
  const ask = useAction(async (form: HTMLFormElement) => {
    const reason = readText(form, 'reason')
    const items = order.items
      .map(({ productId, variantId }) => ({ productId, variantId, quantity: Number(readText(form, variantId)) }))
      .filter(({ quantity }) => quantity > 0)
    await makeClaim(order.id, kind === 'cancel' ? { kind: 'CANCEL', reason } : { kind: 'RETURN', items, reason })
    onDone()
  })
  return (
    <form
      class="stack form"
      data-testid={testIds.claimForm}
      onSubmit={(event) => {
        event.preventDefault()
        ask.run(event.currentTarget)
      }}
    >
      <h3>{t(`way.ask.${kind}`)}</h3>
      {kind === 'return' &&
        order.items.map((item) => {
          const max = left.get(item.variantId) ?? 0
          return (
            <Field
              key={item.variantId}
              label={t('claim.units', { name: itemName(item), max })}
              name={item.variantId}
              type="number"
              min={0}
              max={max}
              step={1}
              inputMode="numeric"
              defaultValue={order.items.length === 1 ? max : 0}
              testId={testIds.claimUnits(item.variantId)}
            />
          )
        })}
      <Field label={t('claim.reason')} name="reason" maxLength={200} required testId={testIds.claimReason} />
      {kind === 'return' && <p class="muted small">{t('claim.returnNote')}</p>}
      <ErrorNote error={ask.error} testId={testIds.formError} />
      <div class="row row-wrap">
        <button type="submit" class="button button-primary" disabled={ask.busy} data-testid={testIds.claimSend}>
          {ask.busy ? t('common.loading') : t('claim.send')}
        </button>
        <button type="button" class="button button-quiet" onClick={onCancel}>
          {t('common.cancel')}
        </button>
      </div>
    </form>
  )
}
