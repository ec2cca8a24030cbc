import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Coupons, discountOf, type CouponSeen } from './coupon.ts'

const coupon: CouponSeen = {
  id: 'cpn_1',
  isForSeller: true,
  currency: 'KRW',
  amount: 2_000,
  percent: null,
  maxAmount: null,
  minAmount: 10_000,
  startsAt: 100,
  endsAt: 200,
  left: 1,
  usedBy: new Set(),
}
const order = { buyerId: 'b1', goodsAmount: 10_000, currency: 'KRW', now: 100 }
const of = (over: Partial<CouponSeen>, asked: Partial<typeof order> = {}) =>
  discountOf({ ...coupon, ...over }, { ...order, ...asked })

test('a coupon takes off its amount, or its share up to a bound, and never more than the goods cost', () => {
  assert.equal(of({}), 2_000)
  assert.equal(of({ amount: 50_000 }), 10_000)
  const tenth = { amount: null, percent: 10 }
  assert.equal(of(tenth), 1_000)
  assert.equal(of(tenth, { goodsAmount: 19_999 }), 1_999)
  assert.equal(of({ ...tenth, maxAmount: 1_500 }, { goodsAmount: 90_000 }), 1_500)
  assert.equal(of({ amount: null, percent: 29 }, { goodsAmount: 10_000 }), 2_900)
})

test('outside its window, below its minimum, of another seller or currency, and used before, it takes nothing off', () => {
  assert.equal(discountOf(undefined, order) instanceof Object, true)
  for (const [over, asked, kind] of [
    [{ isForSeller: false }, {}, 'coupon_not_found'],
    [{}, { currency: 'USD' }, 'coupon_not_found'],
    [{}, { now: 99 }, 'coupon_not_now'],
    [{}, { now: 200 }, 'coupon_not_now'],
    [{ usedBy: new Set(['b1']) }, {}, 'coupon_used'],
    [{ left: 0 }, {}, 'coupon_used_up'],
    [{}, { goodsAmount: 9_999 }, 'coupon_minimum'],
  ] as const) {
    const refusal = of(over, asked)
    assert.equal(typeof refusal === 'number' ? refusal : refusal.kind, kind)
  }
})

test('within a batch as many orders have it as are left, each of another buyer', () => {
  const buyers = fc.array(fc.integer({ min: 0, max: 9 }).map((n) => `b${n}`))
  fc.assert(
    fc.property(buyers, fc.nat(12), (wanted, left) => {
      const coupons = new Coupons([{ ...coupon, left }])
      const winners = wanted.filter((buyerId) => {
        const wins = typeof coupons.discountOf({ couponId: 'cpn_1', buyerId }, order) === 'number'
        if (wins) coupons.use({ couponId: 'cpn_1', buyerId })
        return wins
      })
      assert.equal(winners.length, Math.min(left, new Set(wanted).size))
      assert.equal(new Set(winners).size, winners.length)
    }),
  )
})
