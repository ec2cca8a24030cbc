import { useEffect, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { AccountGate } from '../accounts/account-gate.tsx'
import { cancelOrder, listOrders, readOrder, readProduct } from '../api/commerce.ts'
import { listFulfilments } from '../api/fulfilment.ts'
import type { Fulfilment, Order, Payment, Product } from '../api/model.ts'
import { listPayments } from '../api/payment.ts'
import { account } from '../api/session.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Picture } from '../ui/picture.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { useTitle } from '../ui/use-title.ts'
import { CheckoutPanel } from './checkout-panel.tsx'
import { onFulfilmentNews } from './fulfilment-news.ts'
import { mergeOrders } from './merge-orders.ts'
import { onOrderNews } from './order-news.ts'
import { holdOrderStream } from './order-stream.ts'
import { PaymentNote, wasDeclined } from './payment-note.tsx'
import { itemName, orderName, orderNumber } from './order-name.ts'
import { OrderWay } from './order-way.tsx'
import { receiptText } from './receipt-texts.ts'
import { shippingText } from './shipping-texts.ts'

const refreshMs = 30_000 // reservations that expire are no news, and a stream may be refused
const receiptStates: ReadonlySet<Order['state']> = new Set(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'])

/** `/orders`: what the buyer ordered and how it stands; a reserved order can be paid or given back. */
export function OrdersPage() {
  useTitle(t('orders.title'))
  return (
    <div class="page page-narrow">
      <h1>{t('orders.title')}</h1>
      <AccountGate reason={t('account.needed')}>
        <OrderList key={account.value?.id} />
      </AccountGate>
    </div>
  )
}

function OrderList() {
  const first = useResource(() => listOrders(), { everyMs: refreshMs })
  const paid = useResource((signal) => listPayments(signal))
  const [orders, setOrders] = useState<readonly Order[]>([])
  const ids = orders.filter(({ state }) => receiptStates.has(state)).map(({ id }) => id)
  const ways = useResource((signal) => listAllFulfilments(ids, signal), { key: ids.join() })
  useEffect(() => {
    const stops = [
      holdOrderStream(),
      onOrderNews(() => {
        first.reload()
        paid.reload()
        ways.reload()
      }),
      onFulfilmentNews(ways.reload),
    ]
    return () => stops.forEach((stop) => stop())
  }, [first.reload, paid.reload, ways.reload])
  const [cursor, setCursor] = useState<string | null>()
  const [paying, setPaying] = useState<Order>()
  const more = useAction(async (from: string) => {
    const page = await listOrders(from)
    setOrders((shown) => mergeOrders(shown, page.items))
    setCursor(page.nextCursor)
  })
  const fresh = first.value?.items
  useEffect(() => {
    if (fresh !== undefined) setOrders((shown) => mergeOrders(shown, fresh))
  }, [fresh])
  const reread = useAction(async (id: string) => {
    const order = await readOrder(id)
    setOrders((shown) => mergeOrders(shown, [order]))
  })
  const products = useProducts(paying ? [paying] : [])
  const next = cursor === undefined ? (first.value?.nextCursor ?? null) : cursor
  const payingProduct = paying && firstProduct(paying, products)
  return (
    <div class="stack">
      <ErrorNote error={first.error} />
      {first.value === undefined && first.error === undefined && <p class="muted">{t('common.loading')}</p>}
      {fresh?.length === 0 && orders.length === 0 && <p class="empty">{t('orders.none')}</p>}
      {paying && payingProduct && (
        <div class="panel">
          <CheckoutPanel
            key={paying.id}
            product={payingProduct}
            name={orderName(paying)}
            left={payingProduct.stock}
            order={paying}
            onClose={() => {
              setPaying(undefined)
              reread.run(paying.id)
            }}
          />
        </div>
      )}
      <ul class="order-list">
        {orders.map((order) => (
          <OrderRow
            key={order.id}
            order={order}
            payments={paid.value?.items ?? []}
            way={ways.value?.find(({ orderId }) => orderId === order.id)}
            onWayChanged={() => {
              ways.reload()
              reread.run(order.id)
            }}
            onPay={() => setPaying(order)}
            onChanged={(changed) => setOrders((shown) => mergeOrders(shown, [changed]))}
          />
        ))}
      </ul>
      <ErrorNote error={more.error} />
      {next !== null && (
        <button type="button" class="button" disabled={more.busy} onClick={() => more.run(next)}>
          {t('common.more')}
        </button>
      )}
    </div>
  )
}

function OrderRow({
  order,
  payments,
  way,
  onPay,
  onChanged,
  onWayChanged,
}: {
  order: Order
  payments: readonly Payment[]
  way: Fulfilment | undefined
  onPay: () => void
  onChanged: (order: Order) => void
  onWayChanged: () => void
}) {
  const cancel = useAction(async () => {
    onChanged(await cancelOrder(order.id)) // it may be on none of the pages that are read again
  })
  const name = orderName(order)
  return (
    <li class="panel order" data-testid={testIds.orderRow(order.id)} data-state={order.state}>
      <Picture urls={order.items[0]?.imageUrls ?? null} size="list" letter={name} />
      <div class="order-text">
        <span class={`badge order-${order.state}`}>
          {t(wasDeclined(order, payments) ? 'orders.DECLINED' : `orders.${order.state}`)}
        </span>
        <h2>{name}</h2>
        <p>
          {t('orders.quantity', { count: order.quantity })} · <b>{formatMoney(order.total, locale.value)}</b>
          {order.shipping.amount > 0 &&
            ` (${shippingText('shipping.row')} ${formatMoney(order.shipping, locale.value)})`}
        </p>
        {order.items.length > 1 && (
          <ul class="order-items small">
            {order.items.map((item) => (
              <li key={item.variantId}>
                {itemName(item)} · {item.quantity} × {formatMoney(item.unitPrice, locale.value)}
              </li>
            ))}
          </ul>
        )}
        <p class="muted small">
          {formatTime(order.createdAt, locale.value)} · {t('checkout.paidDetail', { order: orderNumber(order.id) })}
        </p>
        {order.state === 'RESERVED' && order.expiresAt && (
          <p class="muted small">{t('orders.payBefore', { time: formatTime(order.expiresAt, locale.value) })}</p>
        )}
        <PaymentNote order={order} payments={payments} />
        {receiptStates.has(order.state) && order.paymentId !== null && (
          <Link href={`/orders/${order.id}/receipt`} class="small" data-testid={testIds.openReceipt(order.id)}>
            {receiptText('receipt.open')}
          </Link>
        )}
        <ErrorNote error={cancel.error} />
      </div>
      {order.state === 'RESERVED' && order.expiresAt && (
        <div class="stack order-actions">
          <button type="button" class="button button-primary" data-testid={testIds.payOrder(order.id)} onClick={onPay}>
            {t('orders.pay')}
          </button>
          <button
            type="button"
            class="button button-quiet"
            disabled={cancel.busy}
            data-testid={testIds.cancelOrder(order.id)}
            onClick={() => cancel.run()}
          >
            {t('orders.cancel')}
          </button>
        </div>
      )}
      {way && <OrderWay order={order} way={way} onChanged={onWayChanged} />}
    </li>
  )
}

const fulfilmentsAsked = 100 // at once

async function listAllFulfilments(ids: readonly string[], signal: AbortSignal): Promise<Fulfilment[]> {
  const parts: Promise<Fulfilment[]>[] = []
  for (let from = 0; from < ids.length; from += fulfilmentsAsked) {
    parts.push(listFulfilments(ids.slice(from, from + fulfilmentsAsked), signal))
  }
  return (await Promise.all(parts)).flat()
}

const firstProduct = ({ items: [first] }: Order, products: ReadonlyMap<string, Product>) =>
  first && products.get(first.productId)

/** The products of orders, each read once. */
function useProducts(orders: readonly Order[]): ReadonlyMap<string, Product> {
  const [products, setProducts] = useState<ReadonlyMap<string, Product>>(new Map())
  const missing = [...new Set(orders.flatMap(({ items }) => items.map(({ productId }) => productId)))].filter(
    (id) => !products.has(id),
  )
  useEffect(() => {
    for (const id of missing) {
      readProduct(id).then(
        (product) => setProducts((before) => new Map(before).set(id, product)),
        () => undefined, // then it is not paid from here
      )
    }
  }, [missing.join()])
  return products
}
