import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, OrderState, Payment } from '../api/model.ts'
import { ApiProblem, NoAnswerError } from '../api/problem.ts'
import { CheckoutFlow, type CheckoutDeps } from './checkout-flow.ts'

const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2030, cvc: '123' }
const price = { amount: 1_000, currency: 'KRW' }
const order = (state: OrderState): Order => ({
  id: 'o-1',
  productId: 'p-1',
  broadcastId: null,
  paymentId: null,
  quantity: 1,
  items: [
    {
      productId: 'p-1',
      variantId: 'p-1',
      name: 'Tea',
      options: [],
      imageUrls: null,
      quantity: 1,
      unitPrice: price,
      dealId: null,
    },
  ],
  state,
  total: { amount: 1_000, currency: 'KRW' },
  shipping: { amount: 0, currency: 'KRW' },
  discount: { amount: 0, currency: 'KRW' },
  refunded: { amount: 0, currency: 'KRW' },
  expiresAt: new Date(600_000).toISOString(),
  createdAt: new Date(0).toISOString(),
})

/** Services that answer well, time that passes only in pauses, and a record of the keys used. */
function scene(overrides: Partial<CheckoutDeps> = {}) {
  const keys: string[] = []
  let now = 0
  let made = 0
  const deps: CheckoutDeps = {
    placeOrder: (_input, key) => {
      keys.push(key)
      return Promise.resolve(order('RESERVED'))
    },
    createCardToken: () => Promise.resolve({ token: 't', brand: 'visa', last4: '4242', expiresAt: '' }),
    requestPayment: () => Promise.resolve({ id: 'pay-1', next: { kind: 'nothing' } }),
    readPayment: () => Promise.resolve({ state: 'CAPTURED', failureReason: null, next: { kind: 'nothing' } }),
    goTo: () => Promise.resolve(),
    readOrder: () => Promise.resolve(order('PAID')),
    cancelOrder: () => Promise.resolve(order('RELEASED')),
    recentOrders: () => Promise.resolve([]),
    newKey: () => `key-${++made}`,
    now: () => now,
    pause: (milliseconds) => {
      now += milliseconds
      return Promise.resolve()
    },
    ...overrides,
  }
  const flow = new CheckoutFlow(deps, { productId: 'p-1', broadcastId: 'b-1' })
  return { flow, keys, passTo: (time: number) => (now = time) }
}

test('ordered, paid, and the order says PAID', async () => {
  const { flow } = scene()
  await flow.place(price)
  assert.equal(flow.state.value.step, 'reserved')
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('PAID'), why: 'paid' })
})

test('an order without an answer is repeated with the same key, a refused one with a new key', async () => {
  const answers: (Order | Error)[] = [
    new NoAnswerError('lost'),
    new ApiProblem({ status: 409, code: 'too_many_for_one_buyer' }),
    order('RESERVED'),
  ]
  const used: string[] = []
  const { flow } = scene({
    placeOrder: (_input, key) => {
      used.push(key)
      const answer = answers.shift()
      return answer instanceof Error || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer)
    },
  })
  await flow.place(price)
  await flow.place(price)
  await flow.place(price)
  assert.deepEqual(used, ['key-1', 'key-1', 'key-2'])
})

test('another quantity after no answer: what the first may hold is given back before the second is ordered', async () => {
  const calls: string[] = []
  const answers: (Order | Error)[] = [new NoAnswerError('lost'), order('RESERVED'), order('RESERVED')]
  const { flow } = scene({
    placeOrder: ({ quantity }, key) => {
      calls.push(`${quantity} by ${key}`)
      const answer = answers.shift()
      return answer instanceof Error || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer)
    },
    cancelOrder: (id) => {
      calls.push(`cancel ${id}`)
      return Promise.resolve(order('RELEASED'))
    },
  })
  await flow.place(price)
  flow.setQuantity(2)
  await flow.place(price)
  assert.deepEqual(calls, ['1 by key-1', '1 by key-1', 'cancel o-1', '2 by key-2'])
  assert.equal(flow.state.value.step, 'reserved')
})

test('another variant after no answer is another order: the first is given back by its own words', async () => {
  const calls: string[] = []
  const answers: (Order | Error)[] = [new NoAnswerError('lost'), order('RESERVED'), order('RESERVED')]
  const { flow } = scene({
    placeOrder: ({ variantId }, key) => {
      calls.push(`${variantId} by ${key}`)
      const answer = answers.shift()
      return answer instanceof Error || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer)
    },
    cancelOrder: (id) => {
      calls.push(`cancel ${id}`)
      return Promise.resolve(order('RELEASED'))
    },
  })
  await flow.place(price, 'v-red')
  await flow.place(price, 'v-blue') // of the same price
  assert.deepEqual(calls, ['v-red by key-1', 'v-red by key-1', 'cancel o-1', 'v-blue by key-2'])
})

test('while the first stays without an answer, the second is not ordered', async () => {
  const used: string[] = []
  const { flow } = scene({
    placeOrder: (_input, key) => {
      used.push(key)
      return Promise.reject(new NoAnswerError('lost'))
    },
  })
  await flow.place(price)
  flow.setQuantity(2)
  await flow.place(price)
  assert.deepEqual(used, ['key-1', 'key-1'])
})

test('who opens the panel again, or the page, finds the units that are held', async () => {
  const { flow } = scene({ recentOrders: () => Promise.resolve([order('PAID'), order('RESERVED')]) })
  await flow.resume()
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED') })
})

test('what is held of other products is not taken for this one', async () => {
  const items = order('RESERVED').items.map((item) => ({ ...item, productId: 'p-2' }))
  const other = { ...order('RESERVED'), items }
  const { flow } = scene({ recentOrders: () => Promise.resolve([other]) })
  await flow.resume()
  assert.equal(flow.state.value.step, 'choosing')
})

test('a card that never reached the service is no payment: the card form says so at once', async () => {
  let asked = 0
  const { flow } = scene({
    createCardToken: () => Promise.reject(new NoAnswerError('lost')),
    readOrder: () => {
      asked += 1
      return Promise.resolve(order('RESERVED'))
    },
  })
  const steps: string[] = []
  flow.state.subscribe(({ step }) => steps.push(step))
  await flow.place(price)
  await flow.pay(card)
  assert.equal(flow.state.value.step, 'reserved')
  assert.ok(!steps.includes('processing'), steps.join())
  assert.ok(asked <= 1)
})

for (const [status, code] of [
  [504, 'http_504'],
  [409, 'payment_exists'],
] as const) {
  test(`${code} for the payment: the order decides, and who has paid is not asked for a card again`, async () => {
    const { flow } = scene({ requestPayment: () => Promise.reject(new ApiProblem({ status, code })) })
    await flow.place(price)
    await flow.pay(card)
    assert.deepEqual(flow.state.value, { step: 'ended', order: order('PAID'), why: 'paid' })
  })
}

test('who orders again wants as many as before', async () => {
  const { flow } = scene({ cancelOrder: () => Promise.resolve({ ...order('RELEASED'), quantity: 3 }) })
  await flow.place(price)
  await flow.cancel()
  flow.again()
  assert.deepEqual(flow.state.value, { step: 'choosing', quantity: 3 })
})

test('sold out is a step of its own, left by choosing again', async () => {
  const { flow } = scene({ placeOrder: () => Promise.reject(new ApiProblem({ status: 409, code: 'sold_out' })) })
  await flow.place(price)
  assert.equal(flow.state.value.step, 'sold_out')
  flow.setQuantity(1)
  assert.equal(flow.state.value.step, 'choosing')
})

test('a declined card leaves the reservation, with the reason, to try again with another card', async () => {
  const payments: Payment['state'][] = ['PROCESSING', 'DECLINED', 'CAPTURED']
  const { flow } = scene({
    readPayment: () =>
      Promise.resolve({
        state: payments.shift() ?? 'CAPTURED',
        failureReason: payments.length === 1 ? 'incorrect_cvc' : null,
        next: { kind: 'nothing' },
      }),
    readOrder: () => Promise.resolve(order(payments.length > 0 ? 'RESERVED' : 'PAID')),
  })
  await flow.place(price)
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED'), declined: 'incorrect_cvc' })
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('PAID'), why: 'paid' })
})

test('an account to pay in to is shown for as long as it waits, however long, and the deposit pays', async () => {
  const deposit = { bank: '20', accountNumber: 'X1', until: '2026-11-29T15:00:00Z' }
  const shown: string[] = []
  let looks = 0
  const { flow } = scene({
    requestPayment: ({ method }) => {
      assert.equal(method, 'virtual_account')
      return Promise.resolve({ id: 'pay-1', next: { kind: 'nothing' } })
    },
    readPayment: () => {
      const current = flow.state.value
      shown.push(current.step === 'deposit' ? (current.payment.deposit?.accountNumber ?? '') : current.step)
      looks += 1
      const state = looks === 1 ? 'PROCESSING' : looks < 200 ? 'WAITING_DEPOSIT' : 'CAPTURED'
      const now = state === 'WAITING_DEPOSIT' ? deposit : null
      return Promise.resolve({ state, failureReason: null, next: { kind: 'nothing' }, deposit: now })
    },
  })
  await flow.place(price)
  await flow.payByMethod('virtual_account')
  assert.deepEqual([shown[0], shown[1], shown[2], shown[199]], ['processing', 'processing', 'X1', 'X1'])
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('PAID'), why: 'paid' })
})

test('a card declined once too often ends in RELEASED: the service has returned the units', async () => {
  const { flow } = scene({
    readPayment: () =>
      Promise.resolve({ state: 'DECLINED', failureReason: 'insufficient_funds', next: { kind: 'nothing' } }),
    readOrder: () => Promise.resolve(order('RELEASED')),
  })
  await flow.place(price)
  await flow.pay(card)
  assert.deepEqual(flow.state.value, {
    step: 'ended',
    order: order('RELEASED'),
    why: 'declined',
    reason: 'insufficient_funds',
  })
})

test('a refused card token leaves the reservation to try again with another card', async () => {
  const refusal = new ApiProblem({ status: 422, code: 'card_expired' })
  const { flow } = scene({
    createCardToken: () => Promise.reject(refusal),
    readOrder: () => Promise.resolve(order('RESERVED')),
  })
  await flow.place(price)
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED'), error: refusal })
})

test('a payment request without an answer is not repeated with another key: the order tells what became of it', async () => {
  let requests = 0
  const { flow } = scene({
    requestPayment: () => {
      requests++
      return Promise.reject(new NoAnswerError('lost'))
    },
  })
  await flow.place(price)
  await flow.pay(card)
  assert.equal(requests, 1)
  assert.equal(flow.state.value.step === 'ended' && flow.state.value.why, 'paid')
})

test('when the time is over the order is followed until it is released', async () => {
  const states: OrderState[] = ['RESERVED', 'RELEASED']
  const { flow, passTo } = scene({ readOrder: () => Promise.resolve(order(states.shift() ?? 'RELEASED')) })
  await flow.place(price)
  passTo(600_000)
  await flow.check()
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('RELEASED'), why: 'expired' })
})

test('a slow card network is told after twenty seconds and waited for', async () => {
  let reads = 0
  let told = false
  const { flow } = scene({ readOrder: () => Promise.resolve(order(++reads < 30 ? 'RESERVED' : 'PAID')) })
  flow.state.subscribe((state) => {
    if (state.step === 'processing' && state.slow) told = true
  })
  await flow.place(price)
  await flow.pay(card)
  assert.ok(told)
  assert.equal(flow.state.value.step, 'ended')
})

test('a cancelled reservation is given back', async () => {
  const { flow } = scene()
  await flow.place(price)
  await flow.cancel()
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('RELEASED'), why: 'canceled' })
})

const toWindow = { kind: 'redirect', url: 'https://pay.example/1' } as const

test('a window: the payment is asked for by its method, and the browser leaves; by its Back button it can go again', async () => {
  const asked: unknown[] = []
  const { flow } = scene({
    requestPayment: (input) => {
      asked.push(input)
      return Promise.resolve({ id: 'pay-1', next: toWindow })
    },
    goTo: (next) => void asked.push(next) as never,
  })
  await flow.place(price)
  await flow.payByMethod('card')
  assert.deepEqual(asked, [{ orderId: 'o-1', method: 'card' }, toWindow])
  assert.equal(flow.state.value.step, 'paying')
  flow.cameBack()
  assert.equal(flow.state.value.step, 'reserved')
})

test('a window that does not open leaves the reservation, with the error', async () => {
  const blocked = new Error('blocked')
  const { flow } = scene({
    requestPayment: () => Promise.resolve({ id: 'pay-1', next: toWindow }),
    goTo: () => Promise.reject(blocked),
    readOrder: () => Promise.resolve(order('RESERVED')),
  })
  await flow.place(price)
  await flow.payByMethod('card')
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED'), error: blocked })
})

test('an order that costs nothing is confirmed without card or method', async () => {
  const asked: unknown[] = []
  const { flow } = scene({
    requestPayment: (input) => {
      asked.push(input)
      return Promise.resolve({ id: 'pay-1', next: { kind: 'nothing' } })
    },
  })
  await flow.place(price)
  await flow.payByMethod()
  assert.deepEqual(asked, [{ orderId: 'o-1' }])
  assert.equal(flow.state.value.step === 'ended' && flow.state.value.why, 'paid')
})

test('back from the window: followed to its end; who has not paid yet may go there again', async () => {
  const answers: Pick<Payment, 'state' | 'failureReason' | 'next'>[] = [
    { state: 'REQUESTED', failureReason: null, next: toWindow },
    { state: 'PROCESSING', failureReason: null, next: { kind: 'nothing' } },
    { state: 'CANCELED', failureReason: 'buyer_left', next: { kind: 'nothing' } },
  ]
  const { flow } = scene({
    readPayment: () => Promise.resolve(answers.shift() ?? assert.fail()),
    readOrder: () => Promise.resolve(order('RESERVED')),
  })
  await flow.follow(order('RESERVED'), 'pay-1')
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED') })
  await flow.follow(order('RESERVED'), 'pay-1')
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED'), declined: 'buyer_left' })
})

test('who opens the panel again while a payment is under way waits for it, and sees no card form', async () => {
  const held = { ...order('RESERVED'), expiresAt: null, paymentId: 'pay-1' }
  const { flow } = scene({ recentOrders: () => Promise.resolve([held]) })
  const steps = new Set<string>()
  flow.state.subscribe(({ step }) => void steps.add(step))
  await flow.resume()
  assert.deepEqual(steps, new Set(['choosing', 'processing', 'ended']))
})

test('what is ordered is what the button says: a changed price is told, and the next press agrees to the new one', async () => {
  const totals: unknown[] = []
  const { flow } = scene({
    placeOrder: ({ expectedTotal }) => {
      totals.push(expectedTotal)
      if (totals.length > 1) return Promise.resolve(order('RESERVED'))
      return Promise.reject(new ApiProblem({ status: 409, code: 'price_changed' }))
    },
  })
  flow.setQuantity(2)
  await flow.place({ amount: 2_000, currency: 'KRW' })
  assert.equal(flow.state.value.step, 'choosing')
  await flow.place({ amount: 3_000, currency: 'KRW' })
  assert.equal(flow.state.value.step, 'reserved')
  assert.deepEqual(totals, [
    { amount: 2_000, currency: 'KRW' },
    { amount: 3_000, currency: 'KRW' },
  ])
})

test('an order that goes elsewhere is paid for what it costs there; without that news it is not shown as it was', async () => {
  const there = { ...order('RESERVED'), total: { amount: 8_000, currency: 'KRW' } }
  const answers = [() => Promise.resolve(there), () => Promise.reject(new NoAnswerError())]
  const { flow } = scene({ readOrder: () => answers.shift()?.() ?? Promise.resolve(there) })
  await flow.place(price)
  await flow.reread()
  assert.deepEqual(flow.state.value, { step: 'reserved', order: there })
  await assert.rejects(flow.reread(), NoAnswerError)
})
