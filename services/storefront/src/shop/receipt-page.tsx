import { AccountGate } from '../accounts/account-gate.tsx'
import { readOrder, readProduct } from '../api/commerce.ts'
import { readBusiness } from '../api/business.ts'
import type { Order, Payment, Refund, SellerBusiness } from '../api/model.ts'
import { listRefunds, readPayment } from '../api/payment.ts'
import { formatMoney, formatTime, times } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { BusinessFacts } from './business-facts.tsx'
import { couponText } from './coupon-texts.ts'
import { itemName, orderNumber } from './order-name.ts'
import { RefundAccountForm } from './refund-account-form.tsx'
import '../styles/receipt.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names
import { receiptText } from './receipt-texts.ts'
import { shippingText } from './shipping-texts.ts'

interface Receipt {
  order: Order
  payment: Payment
  refunds: readonly Refund[]
  /** Null: the seller did not say whose business it is. */
  seller: SellerBusiness | null
}

/** `/orders/:id/receipt`: what was bought, paid and given back, on one page that prints. */
export function ReceiptPage({ id }: { id: string }) {
  useTitle(receiptText('receipt.title'))
  return (
    <div class="page page-narrow">
      <AccountGate reason={t('account.needed')}>
        <ReceiptOf id={id} />
      </AccountGate>
    </div>
  )
}

function ReceiptOf({ id }: { id: string }) {
  const { value, error, reload } = useResource((signal) => readReceipt(id, signal), { key: id })
  if (value === undefined) {
    return (
      <>
        <ErrorNote error={error} />
        {error === undefined && <p class="muted">{t('common.loading')}</p>}
      </>
    )
  }
  if (value === null) return <p class="panel">{receiptText('receipt.none')}</p>
  return <Sheet {...value} onTold={reload} />
}

function Sheet({ order, payment, refunds, seller, onTold }: Receipt & { onTold: () => void }) {
  const money = (amount: Order['total']) => formatMoney(amount, locale.value)
  const done = refunds.filter(({ state }) => state === 'DONE')
  const back = done.reduce((sum, { amount }) => sum + amount.amount, 0)
  return (
    <article class="panel receipt" data-testid={testIds.receipt}>
      <h1>{receiptText('receipt.title')}</h1>
      <dl class="receipt-facts">
        <dt>{receiptText('receipt.order')}</dt>
        <dd>
          {orderNumber(order.id)} <span class="muted small">{order.id}</span>
        </dd>
        <dt>{receiptText('receipt.payment')}</dt>
        <dd>{payment.id}</dd>
        <dt>{receiptText('receipt.date')}</dt>
        <dd>{formatTime(payment.createdAt, locale.value)}</dd>
        {payment.card && (
          <>
            <dt>{receiptText('receipt.card')}</dt>
            <dd>
              {payment.card.brand} ···· {payment.card.last4}
            </dd>
          </>
        )}
      </dl>
      {seller && <Seller {...seller} />}
      <table>
        <thead>
          <tr>
            <th scope="col">{receiptText('receipt.item')}</th>
            <th scope="col">{receiptText('receipt.count')}</th>
            <th scope="col">{receiptText('receipt.price')}</th>
            <th scope="col">{receiptText('receipt.sum')}</th>
          </tr>
        </thead>
        <tbody>
          {order.items.map((item) => (
            <tr key={item.variantId}>
              <td>{itemName(item)}</td>
              <td>{item.quantity}</td>
              <td>{money(item.unitPrice)}</td>
              <td>{money(times(item.unitPrice, item.quantity))}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {order.discount.amount > 0 && (
            <tr>
              <th scope="row" colSpan={3}>
                {couponText('coupon.row')}
              </th>
              <td>−{money(order.discount)}</td>
            </tr>
          )}
          {order.shipping.amount > 0 && (
            <tr>
              <th scope="row" colSpan={3}>
                {shippingText('shipping.row')}
              </th>
              <td>{money(order.shipping)}</td>
            </tr>
          )}
          <tr>
            <th scope="row" colSpan={3}>
              {receiptText('receipt.total')}
            </th>
            <td>{money(order.total)}</td>
          </tr>
          {done.map(({ id, amount, requestedAt }) => (
            <tr key={id}>
              <th scope="row" colSpan={3}>
                {receiptText('receipt.refund', { date: formatTime(requestedAt, locale.value) })}
              </th>
              <td>−{money(amount)}</td>
            </tr>
          ))}
          {done.length > 0 && (
            <tr>
              <th scope="row" colSpan={3}>
                {receiptText('receipt.left')}
              </th>
              <td>{money({ ...order.total, amount: order.total.amount - back })}</td>
            </tr>
          )}
        </tfoot>
      </table>
      {payment.needsRefundAccount && <RefundAccountForm paymentId={payment.id} onDone={onTold} />}
      <button type="button" class="button no-print" onClick={() => print()}>
        {receiptText('receipt.print')}
      </button>
    </article>
  )
}

function Seller(seller: SellerBusiness) {
  return (
    <section aria-label={receiptText('receipt.seller')} data-testid={testIds.receiptSeller}>
      <BusinessFacts business={seller} />
    </section>
  )
}

/** A receipt without its seller's business is one all the same. */
async function sellerOf(order: Order): Promise<SellerBusiness | null> {
  try {
    const { sellerId } = await readProduct(order.items[0]?.productId ?? '')
    return await readBusiness(sellerId)
  } catch {
    return null
  }
}

/** Null: nothing was paid for this order. */
async function readReceipt(orderId: string, signal: AbortSignal): Promise<Receipt | null> {
  const order = await readOrder(orderId, signal)
  if (order.paymentId === null || order.state === 'RESERVED' || order.state === 'RELEASED') return null
  const [payment, refunds, seller] = await Promise.all([
    readPayment(order.paymentId, signal),
    listRefunds(order.paymentId, signal),
    sellerOf(order),
  ])
  return { order, payment, refunds, seller }
}
