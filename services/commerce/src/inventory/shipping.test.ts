import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRemoteArea } from '../remote-areas.ts'
import { amountBy, shippingOf, shippingOfItems, type ShippingRule } from './shipping.ts'

const rule: ShippingRule = { feeAmount: 3_000, freeOverAmount: 50_000, remoteAmount: 4_000, showCapAmount: null }
const once = { ...rule, showCapAmount: 3_000 }
const amountOf = (of: Partial<ShippingRule>, sentAmount: number, isRemote = false, paidInShow?: number) =>
  shippingOf({ ...rule, ...of }, { sentAmount, isRemote, paidInShow }).amount

test('a fee is taken below the amount from which it is free, and a remote area costs more, free or not', () => {
  assert.equal(amountOf({}, 49_999), 3_000)
  assert.equal(amountOf({}, 50_000), 0)
  assert.equal(amountOf({}, 49_999, true), 7_000)
  assert.equal(amountOf({}, 50_000, true), 4_000)
  assert.equal(amountOf({ freeOverAmount: null }, 1_000_000), 3_000)
  assert.equal(amountOf({ freeOverAmount: 0 }, 0), 0)
})

test('a cap is of all orders of a show, what a remote area costs more coming on top once; elsewhere there is none', () => {
  const inShow = (paid: number, isRemote = false) => amountOf(once, 10_000, isRemote, paid)
  assert.deepEqual([inShow(0), inShow(3_000), inShow(9_000)], [3_000, 0, 0])
  assert.deepEqual([inShow(0, true), inShow(7_000, true)], [7_000, 0])
  assert.equal(amountOf({ showCapAmount: 5_000 }, 10_000, false, 3_000), 2_000)
  assert.equal(amountOf(once, 10_000, false, undefined), 3_000)
  assert.equal(amountOf({}, 10_000, false, 3_000), 3_000, 'a rule without a cap')
})

test('what is not sent neither costs anything nor counts for what is free', () => {
  const order = { isRemote: false, paidInShow: undefined }
  const ticket = { amount: 60_000, rule: undefined }
  assert.equal(shippingOfItems([ticket], order), undefined)
  assert.equal(shippingOfItems([ticket, { amount: 10_000, rule }], order)?.amount, 3_000)
  assert.equal(
    shippingOfItems(
      [
        { amount: 40_000, rule },
        { amount: 10_000, rule },
      ],
      order,
    )?.amount,
    0,
  )
})

test('terms that were agreed say what it costs to send an order elsewhere', () => {
  const agreed = shippingOf(once, { sentAmount: 50_000, isRemote: false, paidInShow: 0 })
  assert.deepEqual(agreed, { amount: 0, baseAmount: 0, remoteAmount: 4_000, showCapAmount: 3_000, isRemote: false })
  assert.equal(amountBy(agreed, { isRemote: true, paidInShow: 0 }), 4_000)
  assert.equal(amountBy(agreed, { isRemote: true, paidInShow: 6_000 }), 1_000)
})

test('Jeju and islands are remote by their postal codes, their neighbours and other countries are not', () => {
  const isRemote = (postalCode: string, country = 'KR') => isRemoteArea({ country, postalCode })
  for (const code of ['63000', '63644', '40240', '23100', '54000', '59781', '31708']) assert.ok(isRemote(code), code)
  for (const code of ['06236', '62999', '63645', '40199', '40241', '23117', '54001', '00000'])
    assert.ok(!isRemote(code), code)
  assert.ok(!isRemote('63000', 'FR'))
  assert.ok(!isRemote('', 'DE'))
})
