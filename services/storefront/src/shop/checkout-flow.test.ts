import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, OrderState, Payment } from '../api/model.ts'
import { ApiProblem, NoAnswerError } from '../api/problem.ts'
import { CheckoutFlow, type CheckoutDeps } from './checkout-flow.ts'

const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2030, cvc: '123' }
const order = (state: OrderState): Order => ({
  id: 'o-1',
  productId: 'p-1',
  broadcastId: null,
  quantity: 1,
  items: [{ productId: 'p-1', quantity: 1, unitPrice: { amount: 1_000, currency: 'KRW' } }],
  state,
  total: { amount: 1_000, currency: 'KRW' },
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
    requestPayment: () => Promise.resolve({ id: 'pay-1' }),
    readPayment: () => Promise.resolve({ state: 'CAPTURED', failureReason: null }),
    readOrder: () => Promise.resolve(order('PAID')),
    cancelOrder: () => Promise.resolve(order('RELEASED')),
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
  await flow.place()
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
  await flow.place()
  await flow.place()
  await flow.place()
  assert.deepEqual(used, ['key-1', 'key-1', 'key-2'])
})

test('another quantity is another order, so it has another key', async () => {
  const used: string[] = []
  const { flow } = scene({
    placeOrder: (_input, key) => {
      used.push(key)
      return Promise.reject(new NoAnswerError('lost'))
    },
  })
  await flow.place()
  flow.setQuantity(2)
  await flow.place()
  assert.equal(new Set(used).size, 2)
})

test('sold out is a step of its own, left by choosing again', async () => {
  const { flow } = scene({ placeOrder: () => Promise.reject(new ApiProblem({ status: 409, code: 'sold_out' })) })
  await flow.place()
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
      }),
    readOrder: () => Promise.resolve(order(payments.length > 0 ? 'RESERVED' : 'PAID')),
  })
  await flow.place()
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'reserved', order: order('RESERVED'), declined: 'incorrect_cvc' })
  await flow.pay(card)
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('PAID'), why: 'paid' })
})

test('a card declined once too often ends in RELEASED: the service has returned the units', async () => {
  const { flow } = scene({
    readPayment: () => Promise.resolve({ state: 'DECLINED', failureReason: 'insufficient_funds' }),
    readOrder: () => Promise.resolve(order('RELEASED')),
  })
  await flow.place()
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
  await flow.place()
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
  await flow.place()
  await flow.pay(card)
  assert.equal(requests, 1)
  assert.equal(flow.state.value.step === 'ended' && flow.state.value.why, 'paid')
})

test('when the time is over the order is followed until it is released', async () => {
  const states: OrderState[] = ['RESERVED', 'RELEASED']
  const { flow, passTo } = scene({ readOrder: () => Promise.resolve(order(states.shift() ?? 'RELEASED')) })
  await flow.place()
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
  await flow.place()
  await flow.pay(card)
  assert.ok(told)
  assert.equal(flow.state.value.step, 'ended')
})

test('a cancelled reservation is given back', async () => {
  const { flow } = scene()
  await flow.place()
  await flow.cancel()
  assert.deepEqual(flow.state.value, { step: 'ended', order: order('RELEASED'), why: 'canceled' })
})
