/**
 * Stands in for commerce, payment and the edge in this workspace's own browser tests: the calls of the site, answered
 * from memory. Nothing else uses it; the whole platform is tested on a real cluster.
 */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { join, normalize } from 'node:path'
import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'
import type { Coupon, NewCoupon, Order, Product, ShippingRule, VariantPlan as Plan } from '../api/model.ts'
import { showReport } from './report-fixture.ts'
import { AudienceFixture } from './audience-fixture.ts'
import { answerCatalogue, pictureFile } from './catalogue-fixture.ts'
import { answerChat, makeChatWorld, sayAs } from './chat-fixture.ts'
import { DealsFixture } from './deals-fixture.ts'
import { answerFulfilment } from './fulfilment-fixture.ts'
import { WaitingFixture } from './waiting-fixture.ts'
import { makeBroadcast, makeProduct, makeState, makeVariant, type FixtureState } from './fixture-state.ts'

const commerce = '/api/commerce/v1'
const payment = '/api/payment/v1'
const declined = '4000000000000002'
const mediaTypes: Record<string, string> = { m3u8: 'application/vnd.apple.mpegurl', mp4: 'video/mp4', m4s: 'video/mp4' }

export class ApiFixture {
  readonly state: FixtureState = makeState()
  reservationSeconds = 600
  /** Where cards are entered: on the site, or in a gateway's window. */
  paymentEntry: 'card' | 'window' = 'card'
  /** Whose session the browser's cookie is. */
  account = { id: 'u-1', displayName: '민지' }
  role: 'seller' | 'admin' = 'seller'
  /** Of whom the seller takes no orders. */
  readonly barred = new Map<string, { id: string; displayName: string; barredAt: string }>()
  /** What an admin has done, as `METHOD path`. */
  readonly deeds: string[] = []
  /** How the chat is set, who is kept from it, what was reported. */
  readonly chat = makeChatWorld()
  /** Hearts, and whom the account follows. */
  readonly audience = new AudienceFixture()
  /** What the account waits for. */
  readonly waiting = new WaitingFixture()
  /** Timed deals, of whatever show. */
  readonly deals = new DealsFixture()
  /** Chat messages are answered when this is settled. */
  chatAnswers: Promise<void> | undefined
  /** How many of the next calls of the API are answered by a status instead: an outage. */
  refusals: { path: RegExp; status: number; times: number } | undefined
  hlsFolder: string | undefined
  /** The recording's files; undefined: the live stream's. */
  recordingFolder: string | undefined
  /** What is answered to the recording's segments instead. */
  recordingRefusal: number | undefined
  /** A real edge's address of the live broadcast; undefined: `hlsFolder`. */
  edgeUrl: string | undefined
  /** What the edge answers to everything of the live broadcast, instead of the stream. */
  hlsRefusal: { status: number; retryAfterSeconds?: number } | undefined
  /** The stream is over: its playlists say so. */
  hlsEnded = false
  /** What arrives as noise: pictures, in segments that are appended and not understood, or whole segments. */
  hlsSpoilt: 'pictures' | 'segments' | undefined
  /** When the live broadcast's first playlist was asked for, performance.now(). */
  readonly hlsAskedAt: number[] = []
  readonly #viewers = new Set<ServerResponse>()
  /** What was told of the live broadcast so far. */
  readonly #told: string[] = []
  #version = 10
  #card = ''

  /** Answers a request of the API, the edge or an image; false for anything else. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? '/', 'http://fixture')
    if (url.pathname.startsWith('/hls/b-live/') && this.edgeUrl !== undefined) this.#edge(this.edgeUrl, url, response)
    else if (url.pathname.startsWith('/hls/')) this.#hls(url.pathname, response)
    else if (pictureFile(url.pathname) !== undefined)
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(pictureFile(url.pathname))
    else if (url.pathname.startsWith('/api/')) await this.#api(request, url, response)
    else return false
    return true
  }

  /** Whose business every seller's is; none when undefined. */
  business: Record<string, unknown> | undefined
  /** What every seller takes for sending; null: nothing. */
  shippingRule: ShippingRule | null = null
  /** What everybody is shown; 1,000 won off. `SPRING` is the code of another one that takes off as much. */
  coupons: Coupon[] = []

  /** Tells every viewer, and whoever comes to the live broadcast later, as the service tells newcomers how things stand and the newest words. */
  push(event: LiveEvent): void {
    this.#told.push(this.#tell(event.type, event.data))
  }

  #tell(type: string, data: unknown): string {
    const frame = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    for (const viewer of this.#viewers) viewer.write(frame)
    return frame
  }

  /** Changes a product's stock and tells it, as a commit of commerce would. */
  setStock(productId: string, stock: number): void {
    const product = this.state.products.get(productId)
    if (!product) return
    product.stock = stock
    product.version = ++this.#version
    this.push({ type: 'stock', data: { productId, stock, version: product.version } })
  }

  /** The same of a variant. */
  setVariantStock(productId: string, variantId: string, stock: number): void {
    const variant = this.state.variants.get(productId)?.find(({ id }) => id === variantId)
    if (!variant) return
    variant.stock = stock
    variant.version = ++this.#version
    this.push({ type: 'variant_stock', data: { productId, variantId, stock, version: variant.version } })
  }

  /** A unit came back, and is kept for the account, which waits for it. */
  offerUnit(variantId: string, seconds: number): void {
    const offer = this.waiting.offer(variantId, seconds)
    if (offer) this.#tell('offer', offer)
  }

  async #api(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const body = await readJson(request)
    const route = `${request.method} ${url.pathname}`
    const send = (status: number, answer?: unknown) => {
      response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    }
    const { refusals } = this
    const refuse = (status: number, code: string) => send(status, { type: 'about:blank', title: code, status, code })
    if (refusals !== undefined && refusals.times > 0 && refusals.path.test(url.pathname)) {
      refusals.times -= 1
      return refuse(refusals.status, refusals.status === 429 ? 'rate_limited' : 'unavailable')
    }
    const broadcast = this.state.broadcasts.find(({ id }) => url.pathname.includes(`/broadcasts/${id}`))
    const order = [...this.state.orders.values()].find(({ id }) => url.pathname.includes(`/orders/${id}`))

    if (route === `GET ${commerce}/broadcasts`) {
      const state = url.searchParams.get('state')
      return send(200, page(this.state.broadcasts.filter((each) => state === null || each.state === state)))
    }
    if (url.pathname.endsWith('/events')) return this.#events(response, broadcast?.id === 'b-live')
    if (route === `GET ${commerce}/broadcasts/${broadcast?.id}`) return send(200, broadcast)
    if (route === `POST ${commerce}/broadcasts`) return send(201, this.#createBroadcast(body))
    if (broadcast && route.endsWith('/pins')) {
      const ids = (body.productIds as string[] | undefined) ?? [body.productId].filter((id) => typeof id === 'string')
      const pins = { productId: ids[0] ?? null, productIds: ids, at: new Date().toISOString() }
      Object.assign(broadcast, { pinnedProductId: pins.productId, pinnedProductIds: ids })
      this.push({ type: 'pin', data: pins })
      return send(201, pins)
    }
    if (broadcast && route === `PUT ${commerce}/broadcasts/${broadcast.id}/products`) {
      const items = body.items as { productId: string; hidden: boolean }[]
      const of = (hidden: boolean) =>
        items
          .filter((item) => item.hidden === hidden)
          .flatMap(({ productId }) => this.state.products.get(productId) ?? [])
      const [products, hiddenProducts] = [of(false), of(true)]
      const revision = broadcast.trayRevision + 1
      Object.assign(broadcast, { products, hiddenProducts, trayRevision: revision })
      this.push({ type: 'tray', data: { revision, productIds: products.map(({ id }) => id) } })
      const pins = broadcast.pinnedProductIds.filter((pin) => products.some(({ id }) => id === pin))
      Object.assign(broadcast, { pinnedProductId: pins[0] ?? null, pinnedProductIds: pins })
      this.push({ type: 'pin', data: { productId: pins[0] ?? null, productIds: pins, at: new Date().toISOString() } })
      return send(200, broadcast)
    }
    const dealt = this.deals.answer(route.replace(commerce, ''), body, this.state.products)
    if (dealt) {
      if (dealt.told) this.push({ type: 'deal', data: dealt.told })
      return send(dealt.status, dealt.body)
    }
    if (route.endsWith('/end')) {
      if (broadcast) broadcast.state = 'ended'
      this.push({ type: 'state', data: { state: 'ended' } })
      return send(200, broadcast)
    }
    if (route.endsWith('/chat')) {
      await this.chatAnswers
      const said = sayAs(this.account.id, ++this.state.chat, body)
      this.push({ type: 'chat', data: said })
      return send(202, said)
    }
    if (route.endsWith('/report')) return send(200, showReport)
    if (route.endsWith('/chat-file')) {
      response.setHeader('content-type', 'text/csv')
      return void response.end('\uFEFF"시각"\r\n')
    }
    if (request.method === 'GET' && /\/(products|sales)\.csv$/.test(url.pathname)) {
      response.setHeader('content-type', 'text/csv')
      return void response.end('\uFEFF"번호"\r\n')
    }
    const loved = this.audience.answer(route.replace(commerce, ''), body)
    if (loved) {
      if (loved.hearts !== undefined) this.push({ type: 'hearts', data: { hearts: loved.hearts } })
      return loved.status === 404 || loved.status === 410
        ? refuse(loved.status, loved.code ?? 'not_found')
        : send(loved.status, loved.body)
    }
    const waits = this.waiting.answer(route.replace(commerce, ''), body)
    if (waits) return send(waits.status, waits.body)
    const kept = answerChat({ route: route.replace(commerce, ''), body, world: this.chat })
    if (kept) {
      for (const event of kept.events) this.push(event)
      return kept.code === undefined ? send(kept.status, kept.body) : refuse(kept.status, kept.code)
    }
    if (route === `POST ${commerce}/accounts`)
      return send(201, {
        id: this.account.id,
        email: body.email,
        displayName: body.displayName,
        streamKey: 'sk-fixture-0123456789abcdef',
      })
    if (route === `POST ${commerce}/sessions` && body.password === 'wrong password')
      return refuse(401, 'bad_credentials')
    if (route === `POST ${commerce}/sessions` || route.endsWith('/sessions/refresh'))
      return send(201, { accessToken: 'fixture', expiresAt: new Date(Date.now() + 600_000).toISOString() })
    if (route === `POST ${commerce}/password-resets`) return send(202)
    if (route === `POST ${commerce}/password-resets/use` || route === `POST ${commerce}/email-verifications`)
      return body.token === 'a-good-token' ? send(204) : refuse(410, 'link_ended')
    const barring = /\/barred-buyers(?:\/(.+))?$/.exec(url.pathname)
    if (barring) {
      if (request.method === 'GET') return send(200, { items: [...this.barred.values()] })
      if (request.method === 'DELETE') this.barred.delete(barring[1] ?? '')
      else
        this.barred.set(barring[1] ?? '', {
          id: barring[1] ?? '',
          displayName: '수진',
          barredAt: new Date(0).toISOString(),
        })
      return send(204)
    }
    if (route === `GET ${commerce}/orders/o-sold/buyer`) return send(200, { id: 'acc-9', displayName: '수진' })
    if (route.endsWith('/buyer')) return refuse(404, 'not_found')
    const delivered = answerFulfilment({ route: route.replace(commerce, ''), url, body, state: this.state })
    if (delivered) {
      const moved = this.state.orders.get(/\/orders\/([^/]+)\/address$/.exec(url.pathname)?.[1] ?? '')
      if (moved) this.#priceFor(moved, this.state.ways.get(moved.id)?.address?.postalCode ?? '')
      if (delivered.changed) this.#tell('fulfilment', {})
      return send(delivered.status, delivered.body)
    }
    if (/\/(accounts|sellers)\/[^/]+\/shipping$/.test(url.pathname)) {
      if (request.method === 'PUT') this.shippingRule = body.rule as ShippingRule | null
      return send(200, { rule: this.shippingRule })
    }
    if (url.pathname.endsWith('/coupons')) {
      if (request.method === 'GET')
        return send(200, { items: this.coupons.map((each) => ({ ...each, isUsedUp: false })) })
      const made = {
        isPlatform: false,
        ...(body as unknown as NewCoupon),
        id: `cpn-${this.coupons.length + 1}`,
        used: 0,
      }
      this.coupons.push(made)
      return send(201, made)
    }
    const catalogue = answerCatalogue(route.replace(commerce, ''), url, body, this.state, this.business)
    if (catalogue) return send(catalogue.status, catalogue.body)
    if (request.method === 'DELETE') return send(204)
    if (request.headers.authorization === undefined && !route.startsWith('GET')) return refuse(401, 'unauthenticated')
    if (route === `PUT ${commerce}/accounts/me/password`)
      return body.currentPassword === 'wrong password' ? refuse(403, 'wrong_password') : send(204)
    if (route === `POST ${commerce}/accounts/me/deletion`) return send(204)
    if (route === `GET ${commerce}/sessions`) {
      const times = { createdAt: new Date(0).toISOString(), expiresAt: new Date(8e12).toISOString() }
      return send(200, { items: [true, false].map((current) => ({ id: `s-${current}`, current, ...times })) })
    }
    if (url.pathname === `${commerce}/accounts/me`) {
      const streamKey = { last4: 'cdef', issuedAt: new Date().toISOString(), revokedAt: null }
      return send(200, {
        ...this.account,
        email: 'minji@example.com',
        emailVerified: true,
        moderates: this.chat.moderating.items.map(({ sellerId }) => sellerId),
        locale: 'ko',
        role: this.role,
        streamKey,
      })
    }
    if (url.pathname.endsWith('/stream-key/rotate')) return send(200, { streamKey: 'sk-fixture-rotated' })
    if (route === `POST ${commerce}/products`) {
      const { amount } = body.price as { amount: number }
      const product = makeProduct(`p-${this.state.products.size + 1}`, String(body.name), amount, Number(body.stock))
      if (body.variants) this.#setVariants(product, body as unknown as Plan)
      this.state.products.set(product.id, product)
      return send(201, product)
    }
    const ofVariants = /\/products\/([^/]+)\/variants$/.exec(url.pathname)
    if (ofVariants) {
      const product = this.state.products.get(ofVariants[1] ?? '')
      if (request.method === 'PUT' && product) this.#setVariants(product, body as unknown as Plan)
      const variants = this.state.variants.get(product?.id ?? '') ?? []
      return send(200, { options: product?.options ?? [], variants })
    }
    const ofStock = /\/products\/([^/]+)\/stock$/.exec(url.pathname)
    if (ofStock) {
      this.#addStock(ofStock[1] ?? '', body as { units: number; variantId?: string })
      return send(200, this.state.products.get(ofStock[1] ?? ''))
    }
    if (url.pathname.startsWith(`${commerce}/products/`))
      return send(200, this.state.products.get(lastOf(url.pathname)))
    if (route === `POST ${commerce}/orders`) return this.#order(request, body, send, refuse)
    if (route === `GET ${commerce}/orders`) return send(200, page([...this.state.orders.values()].toReversed()))
    if (url.pathname.endsWith('/order-quotes')) return this.#quote(body, send, refuse)
    if (/\/accounts\/[^/]+\/business$/.test(url.pathname)) {
      if (request.method === 'PUT') this.business = body
      if (request.method === 'PUT') return send(204)
      return this.business ? send(200, this.business) : refuse(404, 'not_found')
    }
    if (url.pathname === `${payment}/payouts`) {
      response.setHeader('content-type', 'text/csv')
      return void response.end('date,type,payment_id,order_id,amount,currency,balance\r\n')
    }
    if (order && route.endsWith('/cancel')) return send(200, this.#release(order))
    if (order) return send(200, order)
    if (route === `POST ${payment}/card-tokens`) {
      this.#card = String(body.number)
      return send(201, { token: 'card-token', brand: 'visa', last4: this.#card.slice(-4), expiresAt: '' })
    }
    if (route === `GET ${payment}/payment-methods`)
      return send(200, { items: [{ method: 'card', entry: this.paymentEntry }] })
    const next = { kind: 'nothing' }
    if (route === `POST ${payment}/payments`) {
      const paid = this.state.orders.get(String(body.orderId))
      const card = this.#card
      setTimeout(() => this.#settle(paid, card !== declined), 700) // declined: it stays reserved
      return send(202, { id: 'pay-1', orderId: body.orderId, state: 'REQUESTED', failureReason: null, next })
    }
    const admins = this.#admin(route.replace(payment, ''))
    if (admins) return send(admins.status, admins.body)
    if (route === `GET ${payment}/payments`) return send(200, page([]))
    if (route === `GET ${payment}/payments/pay-1/refunds`) return send(200, { items: [] })
    if (route === `GET ${payment}/payments/pay-1`) {
      const paid = [...this.state.orders.values()].find(({ state }) => state === 'PAID')
      const failureReason = this.#card === declined ? 'card_declined' : null
      return send(200, {
        id: 'pay-1',
        orderId: paid?.id,
        state: failureReason ? 'DECLINED' : paid ? 'CAPTURED' : 'PROCESSING',
        card: { brand: 'visa', last4: '4242' },
        createdAt: new Date().toISOString(),
        failureReason,
        next,
      })
    }
    return refuse(404, 'no_such_route')
  }

  #settle(order: Order | undefined, paid: boolean): void {
    if (order === undefined) return
    if (paid) Object.assign(order, { state: 'PAID', paymentId: 'pay-1' })
    const outcome = { id: 'pay-1', outcome: paid ? 'paid' : 'failed', reason: null, refunded: null }
    this.#tell('order', { orderId: order.id, state: order.state, payment: outcome })
  }

  #admin(route: string): { status: number; body?: unknown } | undefined {
    const at = new Date(Date.now() - 600_000).toISOString()
    if (route === 'GET /stuck-payments') {
      const amount = { amount: 24_000, currency: 'KRW' }
      const payment = { id: 'pay-9', orderId: 'o-9', state: 'UNKNOWN', amount, refunded: null, card: null }
      const driven = {
        failureReason: null,
        createdAt: at,
        gateway: 'simulator',
        attempts: 7,
        nextAttemptAt: null,
        owed: amount,
        lastWord: 'its buyer’s account is not known',
      }
      const refund = { id: 'ref-9', paymentId: 'pay-8', amount, state: 'REQUESTED', failureReason: null, restock: true }
      const late = { requestedAt: at, dueAt: at, lateInterest: { amount: 9, currency: 'KRW' } }
      const event = { seq: 3, key: 'o-7', type: 'payment.settled', since: at, lastError: 'commerce answered 400' }
      const stuck = !this.deeds.some((deed) => deed.includes('pay-9/retries'))
      const payments = stuck ? [{ ...payment, ...driven }] : []
      const returned = [{ paymentId: 'pay-7', gateway: 'portone', amount, reason: 'amount_differs', at }]
      return { status: 200, body: { payments, refunds: [{ ...refund, ...late }], returned, events: [event] } }
    }
    if (route === 'GET /settlements') {
      const difference = { gateway: 'simulator', reference: 'r-1', paymentId: null, kind: 'unknown_reference' }
      const day = { gateway: 'simulator', day: '2026-11-28', payments: 2, comparedAt: at }
      const sums = [{ currency: 'KRW', payout: 46_000, fees: 2_000 }]
      return {
        status: 200,
        body: {
          days: [{ ...day, sums }],
          differences: [{ ...difference, currency: 'KRW', ours: 0, theirs: 5, foundAt: at, resolvedAt: null }],
        },
      }
    }
    if (route === 'GET /audit') {
      const entry = { at, actorId: 'u-1', actorRole: 'admin', subject: 'pay-9', details: '' }
      return { status: 200, body: { items: this.deeds.map((action) => ({ ...entry, action })) } }
    }
    if (!/^POST .*\/(retries|queries)$/.test(route)) return undefined
    this.deeds.push(route)
    if (route === 'POST /stuck-payments/retries') return { status: 200, body: { payments: 1, refunds: 0, events: 1 } }
    if (route.endsWith('/retries')) return { status: 204 }
    return { status: 200, body: { status: 'PENDING', amount: null, currency: null, refunded: null, code: null } }
  }

  #createBroadcast(body: Record<string, unknown>) {
    const products = (body.productIds as string[])
      .map((id) => this.state.products.get(id))
      .filter((each) => each !== undefined)
    const made = makeBroadcast(`b-${this.state.broadcasts.length + 1}`, String(body.title), 'open', products)
    made.listed = body.listed !== false
    if (body.recording === true) made.recordingUrl = made.hlsUrl.replace('index', 'recording/index')
    this.state.broadcasts.unshift(made)
    return made
  }

  #addStock(productId: string, { units, variantId }: { units: number; variantId?: string }): void {
    const variant = this.state.variants.get(productId)?.find(({ id }) => id === variantId)
    if (variant) this.setVariantStock(productId, variant.id, variant.stock + units)
    this.setStock(productId, (this.state.products.get(productId)?.stock ?? 0) + units)
  }

  #setVariants(product: Product, { options, variants }: Plan): void {
    const before = this.state.variants.get(product.id) ?? []
    const made = variants.map((wanted, n) => {
      const known = before.find(({ values }) => values.join() === wanted.values.join())
      const variant = known ?? makeVariant(`${product.id}-v${n}`, wanted.values, product.price.amount, 0)
      const { price = variant.price, stock = variant.stock, sku = variant.sku } = wanted
      return { ...variant, price, stock, sku }
    })
    this.state.variants.set(product.id, made)
    product.options = options
    product.stock = made.reduce((sum, { stock }) => sum + stock, 0)
  }

  #order(
    request: IncomingMessage,
    body: Record<string, unknown>,
    send: (status: number, answer: unknown) => void,
    refuse: (status: number, code: string) => void,
  ): void {
    const key = String(request.headers['idempotency-key'] ?? '')
    const product = this.state.products.get(String(body.productId))
    const quantity = Number(body.quantity)
    if (key === '') return refuse(400, 'idempotency_key_missing')
    const known = this.state.orders.get(this.state.keys.get(key) ?? '')
    if (known) return send(201, known)
    const variant = this.state.variants.get(product?.id ?? '')?.find(({ id }) => id === body.variantId)
    if (product && product.options.length > 0 && !variant) return refuse(400, 'variant_required')
    const sold = variant ?? product
    const keptUnits = this.waiting.kept(sold?.id ?? '')
    if (!product || !sold || sold.stock + keptUnits < quantity) return refuse(409, 'sold_out')
    const expected = body.expectedTotal as { amount: number } | undefined
    const shipping = this.#shippingTo(this.#defaultCode())
    const discount = this.#discountOf(body.coupon)
    if (discount === undefined) return refuse(409, 'coupon_not_found')
    const { price, deal } = this.deals.priceOf(product.id, sold.price, quantity)
    if (expected && expected.amount !== price.amount * quantity + shipping - discount)
      return refuse(409, 'price_changed')
    const options = product.options.map(({ name }, n) => ({ name, value: variant?.values[n] ?? '' }))
    const order: Order = {
      id: `o-${this.state.orders.size + 1}`,
      productId: product.id,
      broadcastId: null,
      paymentId: null,
      quantity,
      items: [
        {
          productId: product.id,
          variantId: sold.id,
          name: product.name,
          options,
          imageUrls: product.imageUrls,
          quantity,
          unitPrice: price,
          dealId: deal?.id ?? null,
        },
      ],
      state: 'RESERVED',
      total: { ...price, amount: price.amount * quantity + shipping - discount },
      shipping: { ...sold.price, amount: shipping },
      discount: { ...sold.price, amount: discount },
      refunded: { ...product.price, amount: 0 },
      expiresAt: new Date(Date.now() + this.reservationSeconds * 1_000).toISOString(),
      createdAt: new Date().toISOString(),
    }
    this.state.orders.set(order.id, order)
    this.state.keys.set(key, order.id)
    this.waiting.take(sold.id)
    if (deal) this.push({ type: 'deal', data: this.deals.take(deal, quantity) })
    const taken = quantity - keptUnits
    this.setStock(product.id, product.stock - taken)
    if (variant) this.setVariantStock(product.id, variant.id, variant.stock - taken)
    setTimeout(() => this.#release(order), this.reservationSeconds * 1_000).unref()
    return send(201, order)
  }

  #quote(
    body: Record<string, unknown>,
    send: (status: number, answer: unknown) => void,
    refuse: (status: number, code: string) => void,
  ): void {
    const product = this.state.products.get(String(body.productId))
    const variant = this.state.variants.get(product?.id ?? '')?.find(({ id }) => id === body.variantId)
    if (!product) return refuse(404, 'not_found')
    if (product.options.length > 0 && !variant) return refuse(400, 'variant_required')
    const { price } = this.deals.priceOf(product.id, (variant ?? product).price, Number(body.quantity))
    const [goods, shipping] = [price.amount * Number(body.quantity), this.#shippingTo(this.#defaultCode())]
    const discount = this.#discountOf(body.coupon)
    if (discount === undefined) return refuse(409, 'coupon_not_found')
    const money = (amount: number) => ({ ...price, amount })
    const isRemote = isJeju(this.#defaultCode())
    const total = money(goods + shipping - discount)
    const sums = { goods: money(goods), shipping: money(shipping), discount: money(discount), total }
    return send(200, { ...sums, isRemote, rule: this.shippingRule })
  }

  #discountOf(named: unknown): number | undefined {
    if (named === undefined) return 0
    const { id, code } = named as { id?: string; code?: string }
    return code === 'SPRING' || this.coupons.some((coupon) => coupon.id === id) ? 1_000 : undefined
  }

  #defaultCode(): string {
    return this.state.addresses.find(({ isDefault }) => isDefault)?.postalCode ?? ''
  }

  #shippingTo(postalCode: string): number {
    if (this.shippingRule === null) return 0
    return this.shippingRule.fee.amount + (isJeju(postalCode) ? this.shippingRule.remoteSurcharge.amount : 0)
  }

  /** As the service does when an order goes elsewhere. */
  #priceFor(order: Order, postalCode: string): void {
    const shipping = this.#shippingTo(postalCode)
    order.total = { ...order.total, amount: order.total.amount - order.shipping.amount + shipping }
    order.shipping = { ...order.total, amount: shipping }
  }

  #release(order: Order): Order {
    if (order.state !== 'RESERVED') return order
    order.state = 'RELEASED'
    order.expiresAt = null
    for (const { productId, variantId, quantity } of order.items) {
      const variant = this.state.variants.get(productId)?.find(({ id }) => id === variantId)
      if (variant) this.setVariantStock(productId, variantId, variant.stock + quantity)
      const product = this.state.products.get(productId)
      if (product) this.setStock(productId, product.stock + quantity)
    }
    return order
  }

  #events(response: ServerResponse, isLive: boolean): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(['retry: 500\n\n', ...(isLive ? this.#told : [])].join(''))
    this.#viewers.add(response)
    response.once('close', () => this.#viewers.delete(response))
  }

  #edge(edgeUrl: string, url: URL, response: ServerResponse): void {
    const path = url.pathname.slice('/hls/b-live'.length)
    if (path === '/index.m3u8') this.hlsAskedAt.push(performance.now())
    const asked = request(`${edgeUrl}${path}${url.search}`, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    asked.once('error', () => response.destroy())
    response.once('close', () => asked.destroy())
    asked.end()
  }

  #hls(path: string, response: ServerResponse): void {
    const [, , id, ...names] = path.split('/')
    const recording = names[0] === 'recording'
    if (!recording && names.at(-1) === 'index.m3u8') this.hlsAskedAt.push(performance.now())
    if (!recording && this.hlsRefusal !== undefined) {
      const { status, retryAfterSeconds } = this.hlsRefusal
      return void response
        .writeHead(status, retryAfterSeconds ? { 'retry-after': String(retryAfterSeconds) } : {})
        .end()
    }
    // the recording is the same stream: what ended cannot be told from what goes on by its first seconds
    const rest = normalize(names.slice(recording ? 1 : 0).join('/'))
    const kept = this.state.broadcasts.some((each) => each.id === id && each.recordingUrl !== null)
    const there = recording ? kept : id === 'b-live'
    const folder = (recording ? this.recordingFolder : undefined) ?? this.hlsFolder
    if (folder === undefined || !there) return void response.writeHead(404).end()
    if (recording && this.recordingRefusal !== undefined && rest.endsWith('.m4s'))
      return void response.writeHead(this.recordingRefusal).end()
    if (this.hlsSpoilt && rest.endsWith('.m4s')) return void spoilt(join(folder, rest), this.hlsSpoilt, response)
    const file = createReadStream(join(folder, rest))
    file.once('error', () => response.writeHead(404).end())
    file.once('open', () => {
      const ends = this.hlsEnded && !recording && rest.endsWith('/media.m3u8')
      response.writeHead(200, {
        'content-type': mediaTypes[rest.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
        'access-control-allow-origin': '*', // as the edge says it
      })
      file.once('end', () => response.end(ends ? '#EXT-X-ENDLIST\n' : undefined))
      file.pipe(response, { end: false })
    })
  }
}

async function spoilt(path: string, what: 'pictures' | 'segments', response: ServerResponse): Promise<void> {
  const segment = await readFile(path).catch(() => undefined)
  if (segment === undefined) return void response.writeHead(404).end()
  const media = segment.indexOf('mdat') + 4
  if (what === 'segments') segment.fill(0xa5, media)
  else spoilPictures(segment, media)
  response.writeHead(200, { 'content-type': 'video/mp4' }).end(segment)
}

/** Keeps the lengths and types of the NAL units. */
function spoilPictures(segment: Buffer, from: number): void {
  for (let at = from; at + 5 < segment.length;) {
    const end = at + 4 + segment.readUInt32BE(at)
    if (end > segment.length) return // sound
    segment.fill(0xa5, at + 5, end)
    at = end
  }
}

const isJeju = (postalCode: string) => postalCode.startsWith('63')
const page = (items: unknown[]) => ({ items, nextCursor: null })
const lastOf = (path: string) => path.split('/').at(-1) ?? ''

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return request.headers['content-type'] === 'application/json' && text !== '' ? JSON.parse(text) : {}
}
