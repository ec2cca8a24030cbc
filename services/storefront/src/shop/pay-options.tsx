import { useId, useState } from 'preact/hooks'
import type { Order, PaymentOffer } from '../api/model.ts'
import { listPaymentMethods } from '../api/payment.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { useResource } from '../ui/use-resource.ts'
import type { CheckoutFlow } from './checkout-flow.ts'

// Code of its own, loaded where a gateway takes cards from this page only: elsewhere no page of this site has a card field.
const CardForm = lazyPage(() => import('./card-form.tsx').then((module) => module.CardForm))

/** How a reserved order may be paid: in the window of a gateway, with a card that is entered here, or, when it is free, by a word. */
export function PayOptions(props: {
  order: Order
  busy: boolean
  flow: CheckoutFlow
  /** A card was declined: another one is asked for. */
  again: boolean
}) {
  const { order, busy, flow } = props
  if (order.total.amount === 0) {
    return (
      <PayButton
        busy={busy}
        label={t('checkout.free')}
        busyLabel={t('checkout.paying')}
        onPay={() => void flow.payByMethod()}
      />
    )
  }
  return <Methods {...props} />
}

function Methods({ order, busy, flow, again }: { order: Order; busy: boolean; flow: CheckoutFlow; again: boolean }) {
  const { currency } = order.total
  const live = order.broadcastId !== null
  const {
    value: offers,
    error,
    reload,
  } = useResource(() => listPaymentMethods(currency, live), {
    key: `${currency} ${live}`,
  })
  const [wanted, setWanted] = useState<PaymentOffer['method']>()
  const total = formatMoney(order.total, locale.value)
  if (offers === undefined) {
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
  const chosen = offers.find(({ method }) => method === wanted) ?? offers[0]
  if (chosen === undefined) return <p class="outcome outcome-bad">{t('checkout.noMethod', { currency })}</p>
  return (
    <div class="stack">
      {offers.length > 1 && <Chooser offers={offers} chosen={chosen} busy={busy} onChoose={setWanted} />}
      {chosen.entry === 'card' ? (
        <CardForm
          payLabel={busy ? t('checkout.paying') : t(again ? 'checkout.payOther' : 'checkout.pay', { total })}
          busy={busy}
          onPay={(card) => void flow.pay(card)}
        />
      ) : (
        <>
          <p class="muted small">{t(chosen.entry === 'deposit' ? 'checkout.depositNote' : 'checkout.windowNote')}</p>
          <PayButton
            busy={busy}
            label={chosen.entry === 'deposit' ? t('checkout.account') : t('checkout.pay', { total })}
            busyLabel={t(chosen.entry === 'deposit' ? 'checkout.paying' : 'checkout.leaving')}
            onPay={() => void flow.payByMethod(chosen.method)}
          />
        </>
      )}
    </div>
  )
}

function Chooser({
  offers,
  chosen,
  busy,
  onChoose,
}: {
  offers: readonly PaymentOffer[]
  chosen: PaymentOffer
  busy: boolean
  onChoose: (method: PaymentOffer['method']) => void
}) {
  const name = useId()
  return (
    <fieldset class="row" disabled={busy}>
      <legend>{t('checkout.method')}</legend>
      {offers.map(({ method }) => (
        <label key={method}>
          <input
            type="radio"
            name={name}
            checked={method === chosen.method}
            data-testid={testIds.payMethod(method)}
            onChange={() => onChoose(method)}
          />{' '}
          {t(`method.${method}`)}
        </label>
      ))}
    </fieldset>
  )
}

function PayButton(props: { busy: boolean; label: string; busyLabel: string; onPay: () => void }) {
  const { busy, label, busyLabel, onPay } = props
  return (
    <button
      type="button"
      class="button button-primary button-large"
      disabled={busy}
      data-testid={testIds.pay}
      onClick={onPay}
    >
      {busy ? busyLabel : label}
    </button>
  )
}
