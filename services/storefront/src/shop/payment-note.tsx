import type { Order, Payment } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { depositText } from './deposit-texts.ts'
import { declineText } from './order-outcome.tsx'

/** How an order's money stands, beside the order's own state: under way, unclear, declined, given back in part. */
export function PaymentNote({ order, payments }: { order: Order; payments: readonly Payment[] }) {
  // newest first: an order that is being paid or was says by which; else the last try counts
  const payment =
    payments.find(({ id }) => id === order.paymentId) ?? payments.find(({ orderId }) => orderId === order.id)
  // of one that came late beside another, which paid
  const owing = payments.find((each) => each !== payment && each.orderId === order.id && each.needsRefundAccount)
  return (
    <>
      {payment && <Note order={order} payment={payment} />}
      {owing && <Note order={order} payment={owing} />}
    </>
  )
}

function Note({ order, payment }: { order: Order; payment: Payment }) {
  const text = noteOf(order, payment)
  if (!text) return null
  return (
    <p class="small" data-testid={testIds.paymentNote(order.id)} data-state={payment.state}>
      {payment.state === 'WAITING_DEPOSIT' || payment.needsRefundAccount ? (
        <a href={`/pay/${payment.id}`}>{text}</a>
      ) : (
        text
      )}
    </p>
  )
}

/** The units went back because no card was taken, not because anybody gave them back. */
export const wasDeclined = (order: Order, payments: readonly Payment[]): boolean =>
  order.state === 'RELEASED' && payments.find(({ orderId }) => orderId === order.id)?.state === 'DECLINED'

function noteOf(order: Order, payment: Payment): string | undefined {
  if (payment.needsRefundAccount) return depositText('refundTo')
  if (payment.next.kind !== 'nothing') return order.state === 'RESERVED' ? t('payment.inWindow') : undefined
  const back = payment.refunded && formatMoney(payment.refunded, locale.value)
  switch (payment.state) {
    case 'REQUESTED':
    case 'PROCESSING':
    case 'AUTHORIZED':
      return t('checkout.processing')
    case 'WAITING_DEPOSIT':
      return t('payment.deposit')
    case 'UNKNOWN':
      return t('payment.unclear')
    case 'DECLINED':
    case 'CANCELED':
      return order.state !== 'RESERVED' && order.state !== 'RELEASED'
        ? undefined
        : declineText(payment.failureReason ?? '')
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return t('payment.refunded', { amount: back ?? '' })
    case 'CAPTURED':
      return payment.card ? t('payment.card', payment.card) : undefined
  }
}
