import assert from 'node:assert/strict'
import { test } from 'node:test'
import { itemName, orderNumber } from './order-name.ts'

test('an order number is short enough to be said, and the end of the id that the service has', () => {
  assert.equal(orderNumber('o_01jd3w5k8rq2m7v9xxabcd2345'), 'ABCD-2345')
})

test('what was bought is called by its name and what was chosen of it', () => {
  const item = {
    productId: 'p',
    variantId: 'v',
    imageUrls: null,
    quantity: 1,
    unitPrice: { amount: 1, currency: 'KRW' },
    dealId: null,
  }
  const options = [
    { name: '색상', value: '빨강' },
    { name: '사이즈', value: 'L' },
  ]
  assert.equal(itemName({ ...item, name: '셔츠', options }), '셔츠 (빨강 / L)')
  assert.equal(itemName({ ...item, name: '꿀', options: [] }), '꿀')
})
