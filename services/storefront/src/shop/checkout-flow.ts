/**
 * One purchase, from choosing a quantity to the order's end. Steps:
 *   choosing    a quantity is chosen → placing
 *   placing     POST /orders on its way → reserved, sold_out, or back to choosing with the error
 *   reserved    units are held until `expiresAt` → paying, ended (cancelled or expired)
 *   paying      card → token → POST /payments → processing, or, for a gateway's window, POST /payments → the browser leaves
 *               for it; back to reserved with the error
 *   processing  accepted; the payment is read until it is decided, then the order → ended, or, when the card was declined
 *               and the units are still held, back to reserved with the reason
 *   deposit     an account was issued, and the buyer is to pay in → ended, or back to reserved when its time is over
 *   ended       the order is PAID, RELEASED or REFUNDED
 *   sold_out    fewer units are left than were asked for
 * A placing that got no answer keeps its idempotency key: pressing again cannot order twice. Who chose another quantity
 * meanwhile, or saw another price, gives back what the unanswered one holds, before the other is ordered. What is ordered
 * is what the button says: for another total nothing is reserved, and the panel shows the new price.
 * A purchase outlives its panel: who opens it again finds the units that are held, in the order that the service has, and the
 * payment that is under way. Who comes back from a window begins at processing.
 */
import { signal } from '@preact/signals'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { CardDetails, CardToken, ClientAction, CouponNamed, Order, Payment, PaymentMethod } from '../api/model.ts'
import { ApiProblem, NoAnswerError } from '../api/problem.ts'

export type Checkout =
  | { step: 'choosing'; quantity: number; error?: unknown }
  | { step: 'placing'; quantity: number }
  | { step: 'sold_out'; quantity: number }
  | { step: 'reserved'; order: Order; error?: unknown; declined?: string }
  | { step: 'paying'; order: Order }
  | { step: 'processing'; order: Order; slow: boolean }
  | { step: 'deposit'; order: Order; payment: Pick<Payment, 'id' | 'deposit'> }
  | { step: 'ended'; order: Order; why: 'paid' | 'declined' | 'expired' | 'canceled' | 'refunded'; reason?: string }

type SeenPayment = Pick<Payment, 'state' | 'failureReason' | 'next'> & Partial<Pick<Payment, 'deposit'>>

interface Wanted {
  variantId: string | undefined
  quantity: number
  total: Money
  coupon: CouponNamed | undefined
}

/** The services' calls and the time, so that tests need neither. */
export interface CheckoutDeps {
  placeOrder(
    input: {
      productId: string
      variantId?: string
      quantity: number
      broadcastId?: string
      expectedTotal: Money
      address: { default: true }
      coupon?: CouponNamed | undefined
    },
    key: string,
  ): Promise<Order>
  createCardToken(card: CardDetails): Promise<CardToken>
  requestPayment(
    input: { orderId: string; cardToken?: string; method?: PaymentMethod },
    key: string,
  ): Promise<Pick<Payment, 'id' | 'next'>>
  readPayment(id: string): Promise<SeenPayment>
  /** Takes the browser to a gateway's window; the page is left when it succeeds. */
  goTo(next: ClientAction): Promise<void>
  readOrder(id: string, signal?: AbortSignal): Promise<Order>
  /** The buyer's newest orders. */
  recentOrders(): Promise<readonly Order[]>
  cancelOrder(id: string): Promise<Order>
  newKey(): string
  now(): number
  /** Waits so long; for an order, until there is news of it. */
  pause(milliseconds: number, orderId?: string): Promise<void>
}

const firstPollMs = 300
const longestPollMs = 2_000
const slowAfterMs = 20_000
const giveUpAfterMs = 15 * 60_000 // longer than any reservation: by then the order is decided
const depositPauseMs = 10_000 // news of the deposit comes by itself where a stream is open
const unansweredMs = 10_000 // a payment request without answer: if it arrived, the order shows it within this

/** States of a payment after which its order moves, or is free for another card. */
const decided = new Set<Payment['state']>(['CAPTURED', 'DECLINED', 'CANCELED', 'PARTIALLY_REFUNDED', 'REFUNDED'])

export class CheckoutFlow {
  readonly state = signal<Checkout>({ step: 'choosing', quantity: 1 })
  readonly #deps: CheckoutDeps
  readonly #productId: string
  readonly #broadcastId: string | undefined
  /** The values that are chosen of the product's options, so far; a purchase that is opened again has them still. */
  readonly chosen = signal<readonly string[]>([])
  /** The coupon that the next order uses. */
  readonly coupon = signal<CouponNamed | undefined>(undefined)
  #attempt: (Wanted & { key: string }) | undefined
  #abort = new AbortController()

  constructor(deps: CheckoutDeps, item: { productId: string; broadcastId?: string; order?: Order }) {
    this.#deps = deps
    this.#productId = item.productId
    this.#broadcastId = item.broadcastId
    if (item.order) this.state.value = { step: 'reserved', order: item.order }
  }

  /** Ends all waiting; the order itself lives on. */
  stop(): void {
    this.#abort.abort()
  }

  setQuantity(quantity: number): void {
    const { step } = this.state.value
    if (step === 'choosing' || step === 'sold_out') this.state.value = { step: 'choosing', quantity }
  }

  /** Back to choosing, after an end, with the quantity that was wanted. */
  again(): void {
    const current = this.state.value
    const quantity = current.step === 'ended' ? current.order.quantity : 1
    this.#attempt = undefined
    this.coupon.value = undefined // it is used, or was given back with the order
    this.state.value = { step: 'choosing', quantity }
  }

  /** Finds the units that this buyer holds already, and whether they still are: the panel was closed, or the page loaded anew. */
  async resume(): Promise<void> {
    const before = this.state.value
    if (before.step === 'reserved') return await this.check() // it may have been given back elsewhere
    if (before.step !== 'choosing') return
    try {
      const orders = await this.#deps.recentOrders()
      const held = orders.find(
        ({ state, items: [first, ...others] }) =>
          state === 'RESERVED' && others.length === 0 && first?.productId === this.#productId,
      )
      if (held === undefined || this.state.value !== before) return
      if (held.paymentId !== null) return await this.follow(held, held.paymentId)
      this.state.value = { step: 'reserved', order: held }
    } catch {
      // then it is ordered as if nothing was held; the service limits what one buyer may hold
    }
  }

  /**
   * @param total what the button says, sending included: the order is for this total or refused.
   * @param variantId which variant; of a product without options none
   */
  async place(total: Money, variantId?: string): Promise<void> {
    const current = this.state.value
    if (current.step !== 'choosing') return
    const { quantity } = current
    const wanted = { variantId, quantity, total, coupon: this.coupon.value }
    this.state.value = { step: 'placing', quantity }
    try {
      await this.#giveBackOther(wanted)
      this.#attempt ??= { key: this.#deps.newKey(), ...wanted }
      const order = await this.#deps.placeOrder(this.#input(this.#attempt), this.#attempt.key)
      this.#attempt = undefined
      this.state.value = { step: 'reserved', order }
    } catch (error) {
      if (!isUndecided(error)) this.#attempt = undefined // refused for certain: the next press is a new order
      const soldOut = error instanceof ApiProblem && error.code === 'sold_out'
      this.state.value = soldOut ? { step: 'sold_out', quantity } : { step: 'choosing', quantity, error }
    }
  }

  async pay(card: CardDetails): Promise<void> {
    const current = this.state.value
    if (current.step !== 'reserved') return
    const { order } = current
    this.state.value = { step: 'paying', order }
    let token: string
    try {
      token = (await this.#deps.createCardToken(card)).token
    } catch (error) {
      return await this.#refused(order, error) // nothing was requested, whatever became of the token
    }
    await this.#request(order, { cardToken: token })
  }

  /** Pays in a gateway's window, or, for an order that costs nothing, just says so. */
  async payByMethod(method?: PaymentMethod): Promise<void> {
    const current = this.state.value
    if (current.step !== 'reserved') return
    this.state.value = { step: 'paying', order: current.order }
    await this.#request(current.order, method && { method })
  }

  /** The browser came back to this page without having left it for good: by its Back button. */
  cameBack(): void {
    const current = this.state.value
    if (current.step === 'paying') this.state.value = { step: 'reserved', order: current.order }
  }

  /** Waits for what becomes of a payment of an order that is under way. */
  async follow(order: Order, paymentId: string): Promise<void> {
    await this.#follow(order, giveUpAfterMs, paymentId)
    await this.#explain(paymentId)
  }

  async #request(order: Order, by: { cardToken: string } | { method: PaymentMethod } | undefined): Promise<void> {
    let payment: Pick<Payment, 'id' | 'next'>
    try {
      payment = await this.#deps.requestPayment({ orderId: order.id, ...by }, this.#deps.newKey())
      if (payment.next.kind !== 'nothing') return await this.#deps.goTo(payment.next)
    } catch (error) {
      const exists = error instanceof ApiProblem && error.code === 'payment_exists'
      if (!exists && !isUndecided(error)) return await this.#refused(order, error)
      // it may have arrived all the same; one that exists is decided sooner or later
      const decided = await this.#follow(order, exists ? giveUpAfterMs : unansweredMs)
      if (!decided) this.state.value = { step: 'reserved', order, error }
      return
    }
    await this.follow(order, payment.id)
  }

  async cancel(): Promise<void> {
    const current = this.state.value
    if (current.step !== 'reserved') return
    try {
      const order = await this.#deps.cancelOrder(current.order.id)
      this.state.value = { step: 'ended', order, why: 'canceled' }
    } catch (error) {
      this.state.value = { ...current, error }
      await this.check()
    }
  }

  /** Takes a reserved order that goes elsewhere now as it is by then, for it may cost something else; throws when that is not to be had. */
  async reread(): Promise<void> {
    const current = this.state.value
    if (current.step !== 'reserved') return
    const order = await this.#deps.readOrder(current.order.id)
    if (this.state.value === current && order.state === 'RESERVED') this.state.value = { ...current, order }
  }

  /** Reads a reserved order again; when its time is over, until the service has released it. */
  async check(): Promise<void> {
    const current = this.state.value
    if (current.step !== 'reserved') return
    const expiresAt = Date.parse(current.order.expiresAt ?? '')
    if (this.#deps.now() >= expiresAt) await this.#follow(current.order, giveUpAfterMs)
    else await this.#readOnce(current.order, 'expired')
  }

  /** Of an order without an answer, for another variant, quantity or price: whether it came to be is asked by its own key. */
  async #giveBackOther({ variantId, quantity, coupon, total: { amount, currency } }: Wanted): Promise<void> {
    const attempt = this.#attempt
    if (attempt === undefined) return
    const { total } = attempt
    const isSame =
      attempt.variantId === variantId &&
      attempt.quantity === quantity &&
      couponKey(attempt.coupon) === couponKey(coupon)
    if (isSame && total.amount === amount && total.currency === currency) return
    try {
      const order = await this.#deps.placeOrder(this.#input(attempt), attempt.key)
      await this.#deps.cancelOrder(order.id)
    } catch (error) {
      if (isUndecided(error)) throw error
    }
    this.#attempt = undefined
  }

  #input({ variantId, quantity, total: expectedTotal, coupon }: Wanted) {
    const address = { default: true } as const // as the total was asked for
    const what = { productId: this.#productId, variantId, quantity, coupon }
    return { ...what, broadcastId: this.#broadcastId, expectedTotal, address }
  }

  async #refused(order: Order, error: unknown): Promise<void> {
    this.state.value = { step: 'reserved', order, error }
    await this.check() // the refusal may mean that the reservation is over
  }

  /**
   * Looks again with each piece of news until the order leaves RESERVED, or its payment is declined while the units are still held; false when neither
   * happened in time. An order does not move before its payment does, so until then only that is read.
   */
  async #follow(order: Order, limitMs: number, paymentId?: string): Promise<boolean> {
    let startedAt = this.#deps.now()
    let waits: Pick<Payment, 'id' | 'deposit'> | undefined
    const wasExpired = startedAt >= Date.parse(order.expiresAt ?? '')
    for (let pauseMs = firstPollMs; !this.#abort.signal.aborted; pauseMs = Math.min(pauseMs * 1.4, longestPollMs)) {
      const elapsedMs = this.#deps.now() - startedAt
      if (elapsedMs > limitMs) return false
      this.state.value = waits
        ? { step: 'deposit', order, payment: waits }
        : { step: 'processing', order, slow: elapsedMs > slowAfterMs }
      await this.#deps.pause(waits ? depositPauseMs : pauseMs, order.id)
      const payment = paymentId === undefined ? undefined : await this.#readPayment(paymentId)
      if (payment && payment.next.kind !== 'nothing') {
        this.state.value = { step: 'reserved', order } // the buyer has still to go to the window: the same one opens
        return true
      }
      waits = payment?.deposit && paymentId !== undefined ? { id: paymentId, deposit: payment.deposit } : undefined
      if (waits) startedAt = this.#deps.now() // its own time may be hours
      if (payment && !decided.has(payment.state)) continue
      if (await this.#readOnce(order, wasExpired ? 'expired' : 'declined')) return true
      if (payment?.state === 'DECLINED' || payment?.state === 'CANCELED') {
        this.state.value = { step: 'reserved', order, declined: payment.failureReason ?? 'card_declined' }
        return true
      }
    }
    return false
  }

  /** The payment as it is now; undefined when it cannot be read: then the order is asked. */
  async #readPayment(id: string): Promise<SeenPayment | undefined> {
    try {
      return await this.#deps.readPayment(id)
    } catch {
      return undefined
    }
  }

  /** Adds why a payment failed; the order's end does not wait for it. */
  async #explain(paymentId: string): Promise<void> {
    const ended = this.state.value
    if (ended.step !== 'ended' || ended.why !== 'declined') return
    try {
      const { failureReason } = await this.#deps.readPayment(paymentId)
      if (this.state.value === ended) this.state.value = { ...ended, reason: failureReason ?? undefined }
    } catch {
      // the general text stays
    }
  }

  async #readOnce(order: Order, whyReleased: 'declined' | 'expired'): Promise<boolean> {
    try {
      const next = await this.#deps.readOrder(order.id, this.#abort.signal)
      if (next.state === 'RESERVED') return false
      const why =
        next.state === 'PAID' || next.state === 'PARTIALLY_REFUNDED'
          ? 'paid'
          : next.state === 'REFUNDED'
            ? 'refunded'
            : whyReleased
      this.state.value = { step: 'ended', order: next, why }
      return true
    } catch {
      return false // asked again by the caller's loop; the page shows that it is still waiting
    }
  }
}

const couponKey = (coupon: CouponNamed | undefined) => JSON.stringify(coupon ?? null)

/** Whether the service may have acted, or still does: then only the same key may be sent again. */
function isUndecided(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status >= 500 || error.code === 'request_in_flight'
  return error instanceof NoAnswerError
}
