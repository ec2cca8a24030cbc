/** Every state with every deed by everybody: what is not written here may not be done. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  claimable,
  claimDeeds,
  claimKinds,
  claimStates,
  deeds,
  fulfilmentStates,
  isLate,
  nextClaimState,
  nextState,
  type Doer,
} from './order-life.ts'

const everybody: readonly Doer[] = ['buyer', 'seller', 'payment', 'upkeep']
const day = 86_400_000

const allMoves = (requiresShipping: boolean) =>
  fulfilmentStates.flatMap((state) =>
    deeds.flatMap((deed) =>
      everybody.flatMap((doer) => {
        const next = nextState({ state, requiresShipping }, deed, doer)
        return next === undefined ? [] : [`${state} ${deed} by ${doer}: ${next}`]
      }),
    ),
  )

test('goods that are shipped go this way and no other', () => {
  assert.deepEqual(allMoves(true), [
    'PAID prepare by seller: PREPARING',
    'PAID ship by seller: SHIPPED',
    'PAID cancel by buyer: CANCELED',
    'PAID cancel by seller: CANCELED',
    'PAID cancel by payment: CANCELED',
    'PREPARING ship by seller: SHIPPED',
    'PREPARING cancel by seller: CANCELED',
    'PREPARING cancel by payment: CANCELED',
    'SHIPPED ship by seller: SHIPPED',
    'SHIPPED deliver by seller: DELIVERED',
    'SHIPPED confirm by buyer: CONFIRMED',
    'SHIPPED return by seller: RETURNED',
    'SHIPPED return by payment: RETURNED',
    'DELIVERED confirm by buyer: CONFIRMED',
    'DELIVERED confirm by upkeep: CONFIRMED',
    'DELIVERED return by seller: RETURNED',
    'DELIVERED return by payment: RETURNED',
  ])
})

test('goods that are not shipped are handed over without a carrier', () => {
  const others = new Set(allMoves(true))
  const own = new Set(allMoves(false))
  assert.deepEqual(
    [...own].filter((move) => !others.has(move)),
    ['PAID deliver by seller: DELIVERED', 'PREPARING deliver by seller: DELIVERED'],
  )
  assert.deepEqual(
    [...others].filter((move) => !own.has(move)),
    ['PAID ship by seller: SHIPPED', 'PREPARING ship by seller: SHIPPED', 'SHIPPED ship by seller: SHIPPED'],
  )
})

test('claims go this way and no other', () => {
  const all = claimKinds.flatMap((kind) =>
    claimStates.flatMap((state) =>
      claimDeeds.flatMap((deed) => {
        const next = nextClaimState({ kind, state }, deed)
        return next === undefined ? [] : [`${kind} ${state} ${deed}: ${next}`]
      }),
    ),
  )
  assert.deepEqual(all, [
    'CANCEL REQUESTED complete: DONE',
    'CANCEL REQUESTED reject: REJECTED',
    'CANCEL REQUESTED withdraw: WITHDRAWN',
    'RETURN REQUESTED collect: COLLECTING',
    'RETURN REQUESTED reject: REJECTED',
    'RETURN REQUESTED withdraw: WITHDRAWN',
    'RETURN COLLECTING complete: DONE',
    'RETURN COLLECTING reject: REJECTED',
  ])
})

test('what a buyer may ask for follows from the state, and from a week after delivery', () => {
  const now = new Date('2026-11-29T12:00:00Z')
  const asks = fulfilmentStates.map((state) => [state, claimable({ state, deliveredAt: now }, now)])
  assert.deepEqual(Object.fromEntries(asks), {
    PAID: 'CANCEL',
    PREPARING: 'CANCEL',
    SHIPPED: 'RETURN',
    DELIVERED: 'RETURN',
    CONFIRMED: undefined,
    CANCELED: undefined,
    RETURNED: undefined,
  })
  const delivered = (ago: number) => ({ state: 'DELIVERED' as const, deliveredAt: new Date(now.getTime() - ago) })
  assert.equal(claimable(delivered(7 * day - 1), now), 'RETURN')
  assert.equal(claimable(delivered(7 * day), now), undefined)
})

test('late is what is paid for and not on its way after three days', () => {
  const now = new Date('2026-11-29T12:00:00Z')
  const late = fulfilmentStates.filter((state) => isLate({ state, paidAt: new Date(now.getTime() - 3 * day - 1) }, now))
  assert.deepEqual(late, ['PAID', 'PREPARING'])
  assert.equal(isLate({ state: 'PAID', paidAt: new Date(now.getTime() - 3 * day) }, now), false)
})
