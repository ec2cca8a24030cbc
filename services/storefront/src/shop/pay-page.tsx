import { useEffect } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { readOrder, readProduct } from '../api/commerce.ts'
import type { Product } from '../api/model.ts'
import { readPayment } from '../api/payment.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { CheckoutPanel } from './checkout-panel.tsx'
import { orderName } from './order-name.ts'
import { holdOrderStream } from './order-stream.ts'
import { RefundAccountForm } from './refund-account-form.tsx'

/** `/pay/:id`: where a gateway's window leads back to; how the payment stands, after any number of reloads. */
export function PayPage({ id }: { id: string }) {
  useTitle(t('pay.title'))
  return (
    <div class="page page-narrow">
      <h1>{t('pay.title')}</h1>
      <AccountGate reason={t('account.needed')}>
        <Returned key={account.value?.id} paymentId={id} />
      </AccountGate>
    </div>
  )
}

function Returned({ paymentId }: { paymentId: string }) {
  const [, navigate] = useLocation()
  useEffect(holdOrderStream, []) // a deposit may take hours
  const { value, error, reload } = useResource((signal) => read(paymentId, signal))
  if (value === undefined) {
    if (error === undefined) return <p class="muted">{t('common.loading')}</p>
    return (
      <div class="stack">
        <ErrorNote error={error} />
        <button type="button" class="button" onClick={reload}>
          {t('common.retry')}
        </button>
      </div>
    )
  }
  const { order, product, needsRefundAccount } = value
  if (needsRefundAccount) {
    return (
      <div class="panel">
        <RefundAccountForm paymentId={paymentId} onDone={reload} />
      </div>
    )
  }
  return (
    <div class="panel">
      <CheckoutPanel
        product={product}
        name={orderName(order)}
        left={product.stock}
        order={order}
        paymentId={paymentId}
        onClose={() => navigate(order.broadcastId === null ? '/orders' : `/watch/${order.broadcastId}`)}
      />
    </div>
  )
}

async function read(paymentId: string, signal: AbortSignal) {
  const { orderId, needsRefundAccount } = await readPayment(paymentId, signal)
  const order = await readOrder(orderId, signal)
  const product: Product = await readProduct(order.items[0]?.productId ?? '')
  return { order, product, needsRefundAccount }
}
