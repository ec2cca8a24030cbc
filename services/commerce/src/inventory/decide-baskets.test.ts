import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckedBasket } from './basket.ts'
import { decideBaskets } from './decide-baskets.ts'
import { noHolding, type Holding } from './hold-limits.ts'
import type { ReservedOrder } from './order-request.ts'

const holdLimits = { units: 1_000_000, orders: 1_000_000 }

const basket = (buyerId: string, cups: number, hats: number, requestId = `r_${buyerId}`): CheckedBasket => ({
  requestId,
  buyerId,
  items: [
    { productId: 'cup', quantity: cups },
    { productId: 'hat', quantity: hats },
  ],
  broadcastId: null,
})

function decide(
  requests: CheckedBasket[],
  { cups = 10, hats = 10, limit = null as number | null, held = new Map<string, Holding>(), price = 1_000 } = {},
  known = new Map<string, ReservedOrder>(),
) {
  let ids = 0
  return decideBaskets({
    requests,
    seen: new Map([
      ['cup', { stock: cups, limitPerBuyer: limit, holdLimits, unitAmount: price, currency: 'KRW', revision: 1 }],
      ['hat', { stock: hats, limitPerBuyer: null, holdLimits, unitAmount: 2 * price, currency: 'KRW', revision: 1 }],
    ]),
    known,
    held: new Map([
      ['cup', held],
      ['hat', new Map()],
    ]),
    newOrderId: () => `o_${(ids += 1)}`,
    now: 1_000,
    holdMs: 600_000,
  })
}

test('a basket is priced item by item and held until its time', () => {
  const { winners, outcomes } = decide([basket('ann', 2, 1)])
  const [winner] = winners
  assert.deepEqual(winner?.order.items, [
    { productId: 'cup', quantity: 2, unitAmount: 1_000, productRevision: 1 },
    { productId: 'hat', quantity: 1, unitAmount: 2_000, productRevision: 1 },
  ])
  assert.deepEqual([winner.order.totalAmount, winner.order.quantity, winner.order.expiresAt], [4_000, 3, 601_000])
  assert.equal(outcomes[0]?.kind, 'reserved')
})

test('a basket that is short of one product takes nothing of the other, and says which is short', () => {
  const { winners, outcomes } = decide([basket('ann', 3, 2), basket('bo', 8, 9), basket('cho', 7, 8)])
  assert.deepEqual(outcomes[1], {
    kind: 'sold_out',
    short: [
      { productId: 'cup', available: 7 },
      { productId: 'hat', available: 8 },
    ],
  })
  assert.deepEqual(
    winners.map(({ request }) => request.buyerId),
    ['ann', 'cho'],
  )
})

test('a limit counts what is held and what the baskets before took', () => {
  const { outcomes } = decide([basket('ann', 1, 1, 'r_1'), basket('ann', 1, 1, 'r_2'), basket('bo', 2, 1)], {
    limit: 3,
    held: new Map([
      ['ann', { ...noHolding, units: 2 }],
      ['bo', { ...noHolding, units: 1 }],
    ]),
  })
  assert.deepEqual(outcomes[1], { kind: 'over_limit', productId: 'cup', limit: 3 })
  assert.deepEqual([outcomes[0]?.kind, outcomes[2]?.kind], ['reserved', 'reserved'])
})

test('a request twice in a batch has one order; the same key for other contents is refused', () => {
  const { winners, outcomes } = decide([
    basket('ann', 1, 1, 'r_1'),
    basket('ann', 1, 1, 'r_1'),
    basket('ann', 1, 2, 'r_1'),
  ])
  assert.equal(winners.length, 1)
  assert.deepEqual(outcomes[1], { kind: 'reserved', order: winners[0]?.order, known: true })
  assert.deepEqual(outcomes[2], { kind: 'key_reused' })
})

test('an order of one product made under the same key is not this basket', () => {
  const single: ReservedOrder = {
    id: 'o_1',
    productId: 'cup',
    broadcastId: null,
    quantity: 2,
    productRevision: 1,
    state: 'RESERVED',
    totalAmount: 2_000,
    currency: 'KRW',
    createdAt: 0,
    expiresAt: 0,
  }
  const { outcomes } = decide([basket('ann', 1, 1)], {}, new Map([['r_ann', single]]))
  assert.deepEqual(outcomes, [{ kind: 'key_reused' }])
})

test('a total beyond what an amount of money may be is refused', () => {
  const { winners, outcomes } = decide([basket('ann', 1, 1)], { price: 400_000_000_000 })
  assert.deepEqual([winners.length, outcomes[0]?.kind], [0, 'total_too_large'])
})

test('variants of one product share its limit, in one basket and in several', () => {
  const shirt = (requestId: string, red: number, blue: number): CheckedBasket => ({
    requestId,
    buyerId: 'ann',
    broadcastId: null,
    items: [
      { productId: 'blue', variantOf: 'shirt', quantity: blue },
      { productId: 'red', variantOf: 'shirt', quantity: red },
    ].filter(({ quantity }) => quantity > 0),
  })
  const seen = { stock: 9, limitPerBuyer: 3, holdLimits, unitAmount: 1_000, currency: 'KRW', revision: 4 }
  const { outcomes, winners } = decideBaskets({
    requests: [shirt('r_1', 2, 2), shirt('r_2', 2, 0), shirt('r_3', 0, 2), shirt('r_4', 0, 1), shirt('r_5', 1, 0)],
    seen: new Map([
      ['red', seen],
      ['blue', { ...seen, unitAmount: 2_000 }],
    ]),
    known: new Map(),
    held: new Map([['shirt', new Map()]]),
    newOrderId: () => 'o',
    now: 1_000,
    holdMs: 600_000,
  })
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['over_limit', 'reserved', 'over_limit', 'reserved', 'over_limit'],
  )
  assert.deepEqual(
    winners.map(({ order: { productId, productRevision, totalAmount } }) => [productId, productRevision, totalAmount]),
    [
      ['red', 4, 2_000],
      ['blue', 4, 2_000],
    ],
  )
})
