import { useState } from 'preact/hooks'
import { cancelSale, deliverSale, prepareSale, readSale, shipSale } from '../api/sales.ts'
import type { Sale } from '../api/model.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { AddressLines } from '../shop/address-lines.tsx'
import { itemName } from '../shop/order-name.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { deskText } from './desk-texts.ts'
import { SaleClaim } from './sale-claim.tsx'

/** One order at its seller's desk: what, to whom, how far, and the next step. */
export function SaleRow({ sale, onChanged }: { sale: Sale; onChanged: () => void }) {
  const { order, buyerName, fulfilment } = sale
  const [open, setOpen] = useState<'ship' | 'cancel' | 'history'>()
  const toggle = (what: typeof open) => setOpen(open === what ? undefined : what)
  const may = new Set(fulfilment.mayDo)
  const done = () => {
    setOpen(undefined)
    onChanged()
  }
  const move = useAction(async (deed: 'prepare' | 'deliver') => {
    await (deed === 'prepare' ? prepareSale : deliverSale)(order.id)
    onChanged()
  })
  return (
    <li
      class="panel stack sale"
      data-testid={testIds.deskSale(order.id)}
      data-state={fulfilment.state}
      data-late={fulfilment.late}
    >
      <div class="row row-apart row-wrap">
        <h2 class="sale-name">
          {order.items.map((item) => `${itemName(item)} × ${item.quantity}`).join(', ')} ·{' '}
          {formatMoney(order.total, locale.value)}
        </h2>
        <span>
          {fulfilment.late && <span class="badge badge-interrupted">{deskText('desk.isLate')}</span>}{' '}
          {fulfilment.state !== null && (
            <span class={`badge way-${fulfilment.state}`}>{t(`way.${fulfilment.state}`)}</span>
          )}
        </span>
      </div>
      <p class="muted small">
        {order.id} · {buyerName} · {fulfilment.paidAt !== null && formatTime(fulfilment.paidAt, locale.value)}
        {order.refunded.amount > 0 &&
          ` · ${t('payment.refunded', { amount: formatMoney(order.refunded, locale.value) })}`}
      </p>
      {fulfilment.address !== null && (
        <AddressLines address={fulfilment.address} testId={testIds.saleAddress(order.id)} />
      )}
      {fulfilment.requiresShipping && fulfilment.address === null && (
        <p class="error-note">{deskText('desk.addressMissing')}</p>
      )}
      {fulfilment.trackingNumber !== null && (
        <p class="small">
          {fulfilment.carrier} {fulfilment.trackingNumber}
        </p>
      )}
      {fulfilment.claims.map((claim) => (
        <SaleClaim key={claim.id} claim={claim} order={order} onChanged={onChanged} />
      ))}
      <div class="row row-wrap">
        {(['prepare', 'deliver'] as const).map(
          (deed) =>
            may.has(deed) && (
              <button
                key={deed}
                type="button"
                class="button"
                disabled={move.busy}
                data-testid={testIds.saleDeed(deed, order.id)}
                onClick={() => move.run(deed)}
              >
                {deskText(`desk.${deed}`)}
              </button>
            ),
        )}
        {(['ship', 'cancel', 'history'] as const).map(
          (what) =>
            (what === 'history' || may.has(what)) && (
              <button
                key={what}
                type="button"
                class={`button ${what === 'history' ? 'button-quiet' : ''}`}
                aria-expanded={open === what}
                data-testid={testIds.saleDeed(what, order.id)}
                onClick={() => toggle(what)}
              >
                {deskText(`desk.${what}`)}
              </button>
            ),
        )}
      </div>
      <ErrorNote error={move.error} />
      {open === 'ship' && <ShipForm sale={sale} onDone={done} />}
      {open === 'cancel' && <CancelForm sale={sale} onDone={done} />}
      {open === 'history' && <History id={order.id} state={fulfilment.state ?? ''} />}
    </li>
  )
}

function ShipForm({ sale: { order, fulfilment }, onDone }: { sale: Sale; onDone: () => void }) {
  const ship = useAction(async (form: HTMLFormElement) => {
    const trackingNumber = readText(form, 'trackingNumber')
    await shipSale(order.id, { carrier: readText(form, 'carrier'), trackingNumber })
    onDone()
  })
  return (
    <form
      class="stack form"
      onSubmit={(event) => {
        event.preventDefault()
        ship.run(event.currentTarget)
      }}
    >
      <div class="row row-even">
        <Field
          label={deskText('desk.carrier')}
          name="carrier"
          maxLength={40}
          defaultValue={fulfilment.carrier ?? 'CJ대한통운'}
          required
          testId={testIds.carrier}
        />
        <Field
          label={deskText('desk.trackingNumber')}
          name="trackingNumber"
          maxLength={40}
          defaultValue={fulfilment.trackingNumber ?? ''}
          required
          testId={testIds.trackingNumber}
        />
      </div>
      <ErrorNote error={ship.error} testId={testIds.formError} />
      <button type="submit" class="button button-primary" disabled={ship.busy} data-testid={testIds.shipSend}>
        {ship.busy ? t('common.loading') : deskText('desk.shipSend')}
      </button>
    </form>
  )
}

function CancelForm({ sale: { order }, onDone }: { sale: Sale; onDone: () => void }) {
  const cancel = useAction(async (form: HTMLFormElement) => {
    await cancelSale(order.id, readText(form, 'reason'))
    onDone()
  })
  return (
    <form
      class="stack form"
      onSubmit={(event) => {
        event.preventDefault()
        cancel.run(event.currentTarget)
      }}
    >
      <Field
        label={deskText('desk.cancelReason')}
        name="reason"
        maxLength={200}
        required
        testId={testIds.cancelReason}
      />
      <p class="muted small">{t('admin.refundWarning')}</p>
      <ErrorNote error={cancel.error} testId={testIds.formError} />
      <button type="submit" class="button button-danger" disabled={cancel.busy} data-testid={testIds.cancelSend}>
        {cancel.busy ? t('common.loading') : deskText('desk.cancel')}
      </button>
    </form>
  )
}

function History({ id, state }: { id: string; state: string }) {
  const sale = useResource((signal) => readSale(id, signal), { key: `${id} ${state}` })
  return (
    <>
      <ErrorNote error={sale.error} />
      <ul class="small" data-testid={testIds.saleHistory(id)}>
        {sale.value?.history.length === 0 && <li>{t('admin.none')}</li>}
        {sale.value?.history.map(({ at, by, action, details }) => (
          <li key={`${at} ${action}`}>
            {formatTime(at, locale.value)} · {deskText(`desk.by.${by}`)} · {action} {details}
          </li>
        ))}
      </ul>
    </>
  )
}
