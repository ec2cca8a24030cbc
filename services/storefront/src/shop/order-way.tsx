import { useState } from 'preact/hooks'
import { confirmOrder, listAddresses, withdrawClaim } from '../api/fulfilment.ts'
import type { Claim, Fulfilment, Order } from '../api/model.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { AddressLines } from './address-lines.tsx'
import { ClaimForm } from './claim-form.tsx'
import { ChooseAddress } from './choose-address.tsx'
import { itemName } from './order-name.ts'

/** How an order goes, below its row: where to, who has it, what is asked for, and what its buyer may do. */
export function OrderWay({ order, way, onChanged }: { order: Order; way: Fulfilment; onChanged: () => void }) {
  const [open, setOpen] = useState<'cancel' | 'return' | 'address'>()
  const confirm = useAction(async () => {
    await confirmOrder(order.id)
    onChanged()
  })
  const done = () => {
    setOpen(undefined)
    onChanged()
  }
  const may = new Set(way.mayDo)
  if (way.state === null) return null // what is only reserved is asked for by its payment
  return (
    <div class="stack order-way" data-testid={testIds.orderWay(order.id)} data-state={way.state}>
      <p>
        <span class={`badge way-${way.state}`}>{t(`way.${way.state}`)}</span>{' '}
        {way.shippedAt !== null && (
          <span class="small">
            {way.carrier}{' '}
            {way.trackingUrl === null ? (
              way.trackingNumber
            ) : (
              <a href={way.trackingUrl} target="_blank" rel="noreferrer">
                {way.trackingNumber}
              </a>
            )}
          </span>
        )}
      </p>
      {way.confirmsAt !== null && (
        <p class="muted small">{t('way.confirmsAt', { time: formatTime(way.confirmsAt, locale.value) })}</p>
      )}
      {way.address !== null && <AddressLines address={way.address} />}
      {way.requiresShipping && way.address === null && may.has('address') && (
        <p class="error-note">{t('way.addressMissing')}</p>
      )}
      {way.claims.map((claim) => (
        <ClaimNote key={claim.id} claim={claim} order={order} onChanged={onChanged} />
      ))}
      {open === 'address' && <Elsewhere orderId={order.id} onDone={done} />}
      {(open === 'cancel' || open === 'return') && (
        <ClaimForm order={order} way={way} kind={open} onDone={done} onCancel={() => setOpen(undefined)} />
      )}
      {open === undefined && (
        <div class="row row-wrap">
          {may.has('confirm') && (
            <ConfirmButton
              label={t('way.confirm')}
              warning={t('way.confirmWarning')}
              busy={confirm.busy}
              testId={testIds.confirmOrder(order.id)}
              onConfirm={() => confirm.run()}
            />
          )}
          {(['cancel', 'return', 'address'] as const).map(
            (deed) =>
              may.has(deed) && (
                <button
                  key={deed}
                  type="button"
                  class="button"
                  data-testid={testIds.orderDeed(deed, order.id)}
                  onClick={() => setOpen(deed)}
                >
                  {t(`way.ask.${deed}`)}
                </button>
              ),
          )}
        </div>
      )}
      <ErrorNote error={confirm.error} />
    </div>
  )
}

function Elsewhere({ orderId, onDone }: { orderId: string; onDone: () => void }) {
  const book = useResource((signal) => listAddresses(signal))
  if (book.value === undefined) return <ErrorNote error={book.error} />
  return <ChooseAddress orderId={orderId} book={book.value} onChosen={onDone} onCancel={onDone} />
}

function ClaimNote({ claim, order, onChanged }: { claim: Claim; order: Order; onChanged: () => void }) {
  const withdraw = useAction(async () => {
    await withdrawClaim(claim.id)
    onChanged()
  })
  return (
    <div class="claim small" data-testid={testIds.claim(claim.id)} data-state={claim.state}>
      <p>
        <b>
          {t(`claim.${claim.kind}`)} · {t(`claim.${claim.state}`)}
        </b>{' '}
        <span class="muted">{formatTime(claim.createdAt, locale.value)}</span>
      </p>
      {claim.kind === 'RETURN' && <p>{claimedUnits(claim, order)}</p>}
      {claim.answer !== '' && <p>{t('claim.answer', { text: claim.answer })}</p>}
      {claim.refund && (
        <p data-testid={testIds.claimRefund(claim.id)} data-state={claim.refund.state}>
          {t(`claim.refund.${claim.refund.state}`, {
            amount: claim.refund.amount ? formatMoney(claim.refund.amount, locale.value) : '',
          })}
        </p>
      )}
      {claim.state === 'REQUESTED' && (
        <button type="button" class="link-button" disabled={withdraw.busy} onClick={() => withdraw.run()}>
          {t('claim.withdraw')}
        </button>
      )}
      <ErrorNote error={withdraw.error} />
    </div>
  )
}

/** What a claim is of, in words. */
export const claimedUnits = (claim: Claim, order: Order): string =>
  claim.items
    .map(({ productId, variantId, quantity }) => {
      const item = order.items.find((each) => each.variantId === variantId)
      return `${item ? itemName(item) : productId} × ${quantity}`
    })
    .join(', ')
