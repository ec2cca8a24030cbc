import { useState } from 'preact/hooks'
import { collectClaim, completeClaim, rejectClaim } from '../api/sales.ts'
import type { Claim, Order } from '../api/model.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { claimedUnits } from '../shop/order-way.tsx'
import { shippingText } from '../shop/shipping-texts.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'

/** What a buyer asks for, at the seller's desk, and the seller's answer. */
export function SaleClaim({ claim, order, onChanged }: { claim: Claim; order: Order; onChanged: () => void }) {
  const { id, kind, state } = claim
  const [restock, setRestock] = useState(true)
  const [withShipping, setWithShipping] = useState(false)
  const [rejecting, setRejecting] = useState(false)
  const act = useAction(async (deed: () => Promise<unknown>) => {
    await deed()
    onChanged()
  })
  const completable = state === 'COLLECTING' || (kind === 'CANCEL' && state === 'REQUESTED')
  const isOpen = state === 'REQUESTED' || state === 'COLLECTING'
  return (
    <div class="claim" data-testid={testIds.claim(id)} data-state={state}>
      <p>
        <b>
          {t(`claim.${kind}`)} · {t(`claim.${state}`)}
        </b>{' '}
        <span class="muted small">{formatTime(claim.createdAt, locale.value)}</span>
      </p>
      {kind === 'RETURN' && <p>{claimedUnits(claim, order)}</p>}
      <p class="small">{t('claim.because', { text: claim.reason })}</p>
      {claim.refund && (
        <p class="small" data-testid={testIds.claimRefund(id)} data-state={claim.refund.state}>
          {t(`claim.refund.${claim.refund.state}`, {
            amount: claim.refund.amount ? formatMoney(claim.refund.amount, locale.value) : '',
          })}{' '}
          {claim.refund.reason}
        </p>
      )}
      {isOpen && !rejecting && (
        <div class="row row-wrap">
          {kind === 'RETURN' && state === 'REQUESTED' && (
            <button
              type="button"
              class="button button-primary"
              disabled={act.busy}
              data-testid={testIds.claimDeed('collect', id)}
              onClick={() => act.run(() => collectClaim(id))}
            >
              {t('claim.collect')}
            </button>
          )}
          {completable && (
            <>
              <label class="row row-wrap">
                <input
                  type="checkbox"
                  checked={restock}
                  data-testid={testIds.claimRestock(id)}
                  onChange={(event) => setRestock(event.currentTarget.checked)}
                />
                {t('studio.restock')}
              </label>
              {kind === 'RETURN' && order.shipping.amount > 0 && (
                <label class="row row-wrap">
                  <input
                    type="checkbox"
                    checked={withShipping}
                    data-testid={testIds.claimShipping(id)}
                    onChange={(event) => setWithShipping(event.currentTarget.checked)}
                  />
                  {shippingText('shipping.refund')}
                </label>
              )}
              <button
                type="button"
                class="button button-primary"
                disabled={act.busy}
                data-testid={testIds.claimDeed('complete', id)}
                onClick={() =>
                  act.run(() => completeClaim(id, { restock, ...(withShipping && { refundShipping: true }) }))
                }
              >
                {t(kind === 'CANCEL' ? 'claim.grant' : 'claim.complete')}
              </button>
            </>
          )}
          <button
            type="button"
            class="button"
            disabled={act.busy}
            data-testid={testIds.claimDeed('reject', id)}
            onClick={() => setRejecting(true)}
          >
            {t('claim.reject')}
          </button>
        </div>
      )}
      {isOpen && rejecting && (
        <form
          class="stack form"
          onSubmit={(event) => {
            event.preventDefault()
            const answer = readText(event.currentTarget, 'answer')
            act.run(() => rejectClaim(id, answer))
          }}
        >
          <Field label={t('claim.why')} name="answer" maxLength={200} required testId={testIds.claimAnswer} />
          <div class="row row-wrap">
            <button type="submit" class="button button-danger" disabled={act.busy}>
              {t('claim.reject')}
            </button>
            <button type="button" class="button button-quiet" onClick={() => setRejecting(false)}>
              {t('common.cancel')}
            </button>
          </div>
        </form>
      )}
      <ErrorNote error={act.error} testId={testIds.formError} />
    </div>
  )
}
