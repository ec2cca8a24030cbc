import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Claim, Order } from '../api/model.ts'
import { unitsLeft } from './units-left.ts'

test('what is being sent back, or was, cannot be asked for again; what was refused can', () => {
  const unitPrice = { amount: 1, currency: 'KRW' }
  const items: Order['items'] = [
    {
      productId: 'a',
      variantId: 'a-red',
      name: '',
      options: [],
      imageUrls: null,
      quantity: 3,
      unitPrice,
      dealId: null,
    },
  ]
  const claim = (state: Claim['state'], kind: Claim['kind'] = 'RETURN') => ({
    kind,
    state,
    items: [{ productId: 'a', variantId: 'a-red', quantity: 1 }],
  })
  const left = (...claims: ReturnType<typeof claim>[]) => unitsLeft({ items }, claims).get('a-red')
  assert.equal(left(), 3)
  assert.equal(left(claim('DONE'), claim('COLLECTING')), 1)
  assert.equal(left(claim('REJECTED'), claim('WITHDRAWN'), claim('REJECTED', 'CANCEL')), 3)
})
