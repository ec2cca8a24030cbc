import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decideBatch } from './decide-batch.ts'
import type { CheckedRequest } from './order-request.ts'

const boundless = { units: 1_000_000, orders: 1_000_000 }

const decide = (
  requests: readonly CheckedRequest[],
  over: { stock: number; limitPerBuyer?: number | null; offers?: ReadonlySet<string> },
) => {
  let made = 0
  return decideBatch({
    requests,
    seen: { limitPerBuyer: null, holdLimits: boundless, unitAmount: 100, currency: 'KRW', revision: 1, ...over },
    known: new Map(),
    held: new Map(),
    newOrderId: () => `o_${(made += 1)}`,
    now: 0,
    holdMs: 600_000,
  })
}

const requests = fc.array(
  fc.record({
    requestId: fc.integer({ min: 0, max: 30 }).map((n) => `r${n}`),
    buyerId: fc.integer({ min: 0, max: 5 }).map((n) => `b${n}`),
    productId: fc.constant('p'),
    quantity: fc.integer({ min: 1, max: 5 }),
    broadcastId: fc.constant(null),
  }),
  { maxLength: 60 },
)

test('no batch takes more than there is, and what it takes is the sum of its winners', () => {
  fc.assert(
    fc.property(requests, fc.nat(60), (batch, stock) => {
      const { winners, unitsTaken } = decide(batch, { stock })
      assert.ok(unitsTaken <= stock)
      assert.equal(
        unitsTaken,
        winners.reduce((sum, { order }) => sum + order.quantity, 0),
      )
    }),
  )
})

test('every request has an answer, and no request two orders', () => {
  fc.assert(
    fc.property(requests, fc.nat(60), (batch, stock) => {
      const { winners, outcomes } = decide(batch, { stock })
      assert.equal(outcomes.length, batch.length)
      assert.equal(new Set(winners.map(({ request }) => request.requestId)).size, winners.length)
    }),
  )
})

test('who is refused as sold out found less than it asked for after everybody before it', () => {
  fc.assert(
    fc.property(requests, fc.nat(60), (batch, stock) => {
      let left = stock
      for (const [index, outcome] of decide(batch, { stock }).outcomes.entries()) {
        if (outcome.kind === 'reserved' && !outcome.known) left -= outcome.order.quantity
        if (outcome.kind === 'sold_out') assert.ok(outcome.available < (batch[index]?.quantity ?? 0))
      }
      assert.ok(left >= 0)
    }),
  )
})

test('no buyer gets more than the limit', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 6 }), (batch, limitPerBuyer) => {
      const units = new Map<string, number>()
      for (const { request } of decide(batch, { stock: 1_000, limitPerBuyer }).winners) {
        units.set(request.buyerId, (units.get(request.buyerId) ?? 0) + request.quantity)
      }
      assert.ok([...units.values()].every((held) => held <= limitPerBuyer))
    }),
  )
})

test('what is kept for a buyer is taken by that buyer alone, once, and not out of the stock', () => {
  fc.assert(
    fc.property(requests, fc.nat(60), fc.nat(5), (batch, stock, kept) => {
      const offers = new Set(Array.from({ length: kept }, (_, n) => `b${n}`))
      const { winners, unitsTaken } = decide(batch, { stock, offers })
      const takers = winners.filter(({ takesOffer }) => takesOffer).map(({ request }) => request.buyerId)
      assert.ok(takers.every((buyerId) => offers.has(buyerId)))
      assert.equal(new Set(takers).size, takers.length)
      const units = winners.reduce((sum, { order }) => sum + order.quantity, 0)
      assert.equal(unitsTaken, units - takers.length)
      assert.ok(unitsTaken >= 0 && unitsTaken <= stock)
    }),
  )
})

test('an order whose total would be more than an amount of money may be is refused, and takes nothing', () => {
  const request = { requestId: 'r', buyerId: 'b', productId: 'p', quantity: 11, broadcastId: null }
  const decision = decideBatch({
    requests: [request],
    seen: {
      stock: 100,
      limitPerBuyer: null,
      holdLimits: boundless,
      unitAmount: 100_000_000_000,
      currency: 'KRW',
      revision: 1,
    },
    known: new Map(),
    held: new Map(),
    newOrderId: () => 'o',
    now: 0,
    holdMs: 1,
  })
  assert.deepEqual([decision.outcomes[0]?.kind, decision.unitsTaken], ['total_too_large', 0])
})
