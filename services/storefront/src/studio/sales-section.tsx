import { useState } from 'preact/hooks'
import type { Payment } from '../api/model.ts'
import { listRefunds, listSales, refund } from '../api/payment.ts'
import { randomKey } from '../api/random-key.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { orderNumber } from '../shop/order-name.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { StatementForm } from './statement-form.tsx'

const taken: ReadonlySet<Payment['state']> = new Set(['CAPTURED', 'PARTIALLY_REFUNDED'])

/** The seller's newest sales: what was paid, and money back, with the law's clock. */
export function SalesSection() {
  const sales = useResource(listSales)
  return (
    <section class="panel stack" aria-labelledby="sales-title">
      <h2 id="sales-title">{t('studio.sales')}</h2>
      <StatementForm />
      <ErrorNote error={sales.error} />
      {sales.value?.length === 0 && <p class="muted">{t('studio.salesNone')}</p>}
      <ul class="stack">
        {sales.value?.map((payment) => (
          <Sale key={payment.id} payment={payment} onChanged={sales.reload} />
        ))}
      </ul>
    </section>
  )
}

function Sale({ payment, onChanged }: { payment: Payment; onChanged: () => void }) {
  const [open, setOpen] = useState(false)
  return (
    <li class="stack" data-testid={testIds.sale(payment.id)} data-state={payment.state}>
      <div class="row row-apart">
        <span>
          {payment.amount && formatMoney(payment.amount, locale.value)}{' '}
          <span class="muted small">
            {formatTime(payment.createdAt, locale.value)} · {orderNumber(payment.orderId)} ·{' '}
            {t(`sale.${payment.state}`)}
          </span>
        </span>
        <button type="button" class="button button-quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('common.close') : t('studio.refunds')}
        </button>
      </div>
      {open && <Refunds payment={payment} onChanged={onChanged} />}
    </li>
  )
}

function Refunds({ payment, onChanged }: { payment: Payment; onChanged: () => void }) {
  const refunds = useResource((signal) => listRefunds(payment.id, signal), { key: payment.id })
  const [restock, setRestock] = useState(true)
  const [key, setKey] = useState(randomKey) // pressing again without an answer cannot give back twice
  const give = useAction(async () => {
    await refund(payment.id, restock, key)
    setKey(randomKey())
    refunds.reload()
    onChanged()
  })
  return (
    <div class="stack">
      <ul class="small">
        {refunds.value?.map(({ id, amount, state, requestedAt, dueAt, lateInterest, failureReason }) => (
          <li key={id} data-state={state}>
            {formatMoney(amount, locale.value)} · {t(`refund.${state}`)} {failureReason} ·{' '}
            {formatTime(requestedAt, locale.value)}
            {state !== 'DONE' && ` · ${t('refund.due', { time: formatTime(dueAt, locale.value) })}`}
            {lateInterest.amount > 0 &&
              ` · ${t('refund.interest', { amount: formatMoney(lateInterest, locale.value) })}`}
          </li>
        ))}
      </ul>
      {taken.has(payment.state) && (
        <>
          <label class="row">
            <input type="checkbox" checked={restock} onChange={(event) => setRestock(event.currentTarget.checked)} />
            {t('studio.restock')}
          </label>
          <ConfirmButton
            label={t('admin.refund')}
            warning={t('studio.refundWarning')}
            busy={give.busy}
            testId={testIds.refundSale}
            onConfirm={() => give.run()}
          />
        </>
      )}
      <ErrorNote error={give.error ?? refunds.error} />
    </div>
  )
}
