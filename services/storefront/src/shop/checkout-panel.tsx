import { useEffect, useMemo } from 'preact/hooks'
import { cancelOrder, listOrders, placeOrder, readOrder } from '../api/commerce.ts'
import type { Order, Product, WaitingPlace } from '../api/model.ts'
import { createCardToken, readPayment, requestPayment } from '../api/payment.ts'
import { ApiProblem } from '../api/problem.ts'
import { randomKey } from '../api/random-key.ts'
import { serverNow } from '../api/server-clock.ts'
import { account } from '../api/session.ts'
import { AccountGate } from '../accounts/account-gate.tsx'
import { formatMoney } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { Picture } from '../ui/picture.tsx'
import { DealPrice } from '../watch/deal-price.tsx'
import type { StockLevel } from '../watch/live-state.ts'
import { StockBadge } from '../watch/stock-badge.tsx'
import { CheckoutFlow, type Checkout, type CheckoutDeps } from './checkout-flow.ts'
import { chooseText, Options, priceText, useChoice, type Choice } from './choice.tsx'
import { CouponPicker } from './coupon-picker.tsx'
import { Countdown } from './countdown.tsx'
import { depositText } from './deposit-texts.ts'
import { orderNewsOrTime } from './order-news.ts'
import { declineText, OrderOutcome, outcomeText } from './order-outcome.tsx'
import { goToWindow } from './go-to-window.ts'
import { orderName } from './order-name.ts'
import { PayOptions } from './pay-options.tsx'
import { leavePurchase, purchaseOf } from './purchases.ts'
import { QuantityPicker } from './quantity-picker.tsx'
import { SumRows } from './sum-rows.tsx'
import { describeRule } from './shipping-texts.ts'
import { useDealPrice } from './use-deal-price.ts'
import { useQuote } from './use-quote.ts'
import { secondsLeft } from './seconds-left.ts'
import { OfferedUnit, WaitingPanel } from './waiting-panel.tsx'
import { placeFor, readPlaces, useWaitingPlaces } from './waiting-places.ts'

// few pay so: its text and the banks' names are loaded by those who do
const DepositNote = lazyPage(() => import('./deposit-note.tsx').then((module) => module.DepositNote))
// Code of its own: of those who watch few buy, and what a phone loads to watch has a limit.
const DeliverTo = lazyPage(() => import('./deliver-to.tsx').then((module) => module.DeliverTo))

const services: CheckoutDeps = {
  placeOrder,
  createCardToken,
  requestPayment,
  readPayment,
  goTo: goToWindow,
  readOrder,
  cancelOrder,
  recentOrders: async () => (await listOrders()).items,
  newKey: randomKey,
  now: serverNow,
  pause: (milliseconds, orderId) =>
    orderId === undefined
      ? new Promise((resolve) => setTimeout(resolve, milliseconds))
      : orderNewsOrTime(orderId, milliseconds),
}

/**
 * Buys one product beside the picture: quantity, reservation, payment, outcome. An `order` that is there is only paid; it
 * may be of several products, under `name`, with `product` for its picture. Each step is spoken once, and the focus of what
 * a step took away goes to the panel.
 */
export function CheckoutPanel({
  product,
  name = product.name,
  left: leftOfProduct,
  variantStock = nothingHeard,
  broadcastId,
  order,
  paymentId,
  onPriceChanged,
  onClose,
}: {
  product: Product
  name?: string
  left: number
  /** What was heard of variants since the page is open. */
  variantStock?: ReadonlyMap<string, StockLevel>
  broadcastId?: string
  order?: Order
  /** A payment of `order` that is under way, or over. */
  paymentId?: string
  /** The service refused the price that is shown. */
  onPriceChanged?: () => void
  onClose: () => void
}) {
  const accountId = account.value?.id ?? ''
  const flow = useMemo(() => {
    const begin = () => new CheckoutFlow(services, { productId: product.id, broadcastId, order })
    return order ? begin() : purchaseOf({ accountId, productId: product.id, broadcastId }, begin)
  }, [accountId, product.id, broadcastId, order?.id])
  useEffect(() => () => (order ? flow.stop() : leavePurchase(flow)), [flow])
  useEffect(() => {
    if (!account.value) return
    if (order && paymentId !== undefined) void flow.follow(order, paymentId) // both keep their own failure
    else void flow.resume()
  }, [flow, account.value?.id, paymentId])
  useEffect(() => {
    const onShow = ({ persisted }: PageTransitionEvent) => persisted && flow.cameBack()
    addEventListener('pageshow', onShow)
    return () => removeEventListener('pageshow', onShow)
  }, [flow])
  const checkout = flow.state.value
  const choice = useChoice(product, flow, variantStock)
  useWaitingPlaces(order === undefined)
  const inStock = choice ? (choice.variant?.stock ?? leftOfProduct) : leftOfProduct
  const place = placeFor(choice?.variant?.id ?? product.id)
  const left = inStock + (place?.offeredUntil ? 1 : 0) // what is kept for this buyer nobody else is shown
  useEffect(() => {
    if (checkout.step === 'reserved' && place) void readPlaces() // it never rejects
  }, [checkout.step])
  const refusal = checkout.step === 'choosing' ? checkout.error : undefined
  useEffect(() => {
    if (!(refusal instanceof ApiProblem)) return
    if (refusal.code === 'price_changed') onPriceChanged?.()
    choice?.reload() // whatever it was, what can be chosen may be something else by now
  }, [refusal])
  const several = order !== undefined && order.items.length > 1
  const held = 'order' in checkout ? checkout.order : order // its price was agreed to
  return (
    <section
      class="checkout"
      aria-labelledby="checkout-title"
      tabIndex={-1}
      data-testid={testIds.checkout}
      data-step={checkout.step}
    >
      <p class="visually-hidden" role="status" data-testid={testIds.checkoutNews}>
        {newsOf(checkout)}
      </p>
      <header class="checkout-head">
        <h2 id="checkout-title">{t('checkout.title')}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t('common.close')}
          data-testid={testIds.closeCheckout}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="checkout-item">
        <Picture urls={product.imageUrls} size="list" letter={name} />
        <div>
          <p class="checkout-name">{held && !several ? orderName(held) : name}</p>
          <p class="price">
            <span class="usual">{held ? heldPrice(held) : priceText(product, choice)}</span>{' '}
            {!held && product.deal && <DealPrice price={(choice?.variant ?? product).price} deal={product.deal} />}
          </p>
          {!several && <StockBadge productId={choice?.variant?.id ?? product.id} stock={left} />}
        </div>
      </div>
      <AccountGate reason={t('checkout.signIn')}>
        <Step
          checkout={checkout}
          flow={flow}
          product={product}
          choice={choice}
          left={left}
          place={place}
          broadcastId={broadcastId}
          canRepeat={!several}
          onClose={onClose}
        />
      </AccountGate>
    </section>
  )
}

const nothingHeard: ReadonlyMap<string, StockLevel> = new Map()

function heldPrice({ items: [first, ...others], total }: Order): string {
  return formatMoney(first === undefined || others.length > 0 ? total : first.unitPrice, locale.value)
}

/** What a screen reader is told of a step; refusals are alerts where they stand. */
function newsOf(checkout: Checkout): string {
  switch (checkout.step) {
    case 'placing':
      return t('checkout.placing')
    case 'reserved':
      if (checkout.declined !== undefined || checkout.error !== undefined || checkout.order.expiresAt === null)
        return ''
      return t('checkout.reservedFor', {
        count: Math.ceil(secondsLeft(checkout.order.expiresAt, serverNow()) / 60),
      })
    case 'paying':
      return t('checkout.paying')
    case 'processing':
      return t('checkout.processing')
    case 'deposit':
      return depositText('title')
    case 'sold_out':
      return t('checkout.soldOut')
    case 'ended':
      return outcomeText(checkout.why)
    case 'choosing':
      return ''
  }
}

function Step({
  checkout,
  flow,
  product,
  choice,
  left,
  place,
  broadcastId,
  canRepeat,
  onClose,
}: {
  checkout: Checkout
  flow: CheckoutFlow
  product: Product
  choice: Choice | undefined
  left: number
  place: WaitingPlace | undefined
  broadcastId: string | undefined
  canRepeat: boolean
  onClose: () => void
}) {
  switch (checkout.step) {
    case 'choosing':
    case 'placing':
      return <Choosing {...{ checkout, flow, product, choice, left, place, broadcastId }} />
    case 'sold_out':
      return (
        <div class="stack">
          <p class="outcome outcome-bad" data-testid={testIds.orderState} data-state="SOLD_OUT">
            {left > 0 ? t('checkout.notEnough') : t('checkout.soldOut')}
          </p>
          {left > 0 && (
            <button type="button" class="button" onClick={() => flow.setQuantity(1)}>
              {t('checkout.again')}
            </button>
          )}
          {left === 0 && canRepeat && (
            <WaitingPanel productId={product.id} variantId={choice?.variant?.id} place={place} />
          )}
        </div>
      )
    case 'ended':
      return (
        <OrderOutcome
          order={checkout.order}
          why={checkout.why}
          reason={checkout.reason}
          onAgain={canRepeat ? () => flow.again() : undefined}
          onClose={onClose}
        />
      )
    case 'deposit':
      return <DepositNote order={checkout.order} payment={checkout.payment} />
    default:
      return <Paying checkout={checkout} flow={flow} />
  }
}

function Choosing({
  checkout,
  flow,
  product,
  choice,
  left,
  place,
  broadcastId,
}: {
  checkout: Extract<Checkout, { step: 'choosing' | 'placing' }>
  flow: CheckoutFlow
  product: Product
  choice: Choice | undefined
  left: number
  place: WaitingPlace | undefined
  broadcastId: string | undefined
}) {
  const placing = checkout.step === 'placing'
  const price = useDealPrice((choice?.variant ?? product).price, product.deal, checkout.quantity)
  const variantId = choice?.variant?.id
  const coupon = flow.coupon.value
  const wanted = { productId: product.id, variantId, quantity: checkout.quantity, broadcastId, coupon, price }
  const { total, quote, isReady, refusal: couponRefusal, reload } = useQuote(wanted)
  const refusal = checkout.step === 'choosing' ? checkout.error : undefined
  useEffect(() => {
    if (refusal instanceof ApiProblem && refusal.code === 'price_changed') reload()
  }, [refusal])
  const missing = choice && choice.variant === undefined
  if (left === 0 && !missing && !placing) {
    return (
      <div class="stack">
        {choice && <Options choice={choice} flow={flow} disabled={false} />}
        {refusal !== undefined && <ErrorNote error={refusal} testId={testIds.checkoutError} />}
        <WaitingPanel productId={product.id} variantId={variantId} place={place} />
      </div>
    )
  }
  return (
    <div class="stack">
      {choice && <Options choice={choice} flow={flow} disabled={placing} />}
      {place?.offeredUntil && !missing && <OfferedUnit key={place.offeredUntil} until={place.offeredUntil} />}
      <div class="row row-apart">
        <span>{t('checkout.quantity')}</span>
        <QuantityPicker
          quantity={checkout.quantity}
          left={left}
          disabled={placing}
          onChange={(quantity) => flow.setQuantity(quantity)}
        />
      </div>
      <CouponPicker
        sellerId={product.sellerId}
        chosen={coupon}
        disabled={placing}
        onChoose={(chosen) => (flow.coupon.value = chosen)}
      />
      {quote && <SumRows sum={quote} />}
      {quote?.rule && <p class="muted small">{describeRule(quote.rule)}</p>}
      <ErrorNote error={couponRefusal ?? refusal} testId={testIds.checkoutError} />
      <button
        type="button"
        class="button button-primary button-large"
        disabled={placing || left === 0 || missing || !isReady}
        data-testid={testIds.placeOrder}
        onClick={() => void flow.place(total, variantId) /* keeps its own failure */}
      >
        {placing
          ? t('checkout.placing')
          : left === 0
            ? t('shop.soldOut')
            : missing
              ? chooseText(product, flow)
              : t('checkout.place', { total: formatMoney(total, locale.value) })}
      </button>
    </div>
  )
}

function Paying({
  checkout,
  flow,
}: {
  checkout: Extract<Checkout, { step: 'reserved' | 'paying' | 'processing' }>
  flow: CheckoutFlow
}) {
  const { order, step } = checkout
  const declined = step === 'reserved' ? checkout.declined : undefined
  if (step === 'processing') {
    return (
      <div class="stack processing">
        <span class="spinner" aria-hidden="true" />
        <p data-testid={testIds.orderState} data-state="RESERVED" data-order-id={order.id}>
          {checkout.slow ? t('checkout.slow') : t('checkout.processing')}
        </p>
      </div>
    )
  }
  return (
    <div class="stack">
      <div class="reserved" data-testid={testIds.orderState} data-state="RESERVED" data-order-id={order.id}>
        <p>{t('checkout.reserved')}</p>
        {order.expiresAt && <Countdown expiresAt={order.expiresAt} onOver={() => void flow.check()} />}
      </div>
      {declined !== undefined && (
        <p class="outcome outcome-bad" role="alert" data-testid={testIds.checkoutError}>
          {declineText(declined)}
        </p>
      )}
      <DeliverTo order={order} onMoved={() => flow.reread()}>
        <PayOptions order={order} busy={step === 'paying'} flow={flow} again={declined !== undefined} />
      </DeliverTo>
      <ErrorNote error={step === 'reserved' ? checkout.error : undefined} testId={testIds.checkoutError} />
      <button type="button" class="link-button" disabled={step === 'paying'} onClick={() => void flow.cancel()}>
        {t('checkout.giveUp')}
      </button>
    </div>
  )
}
