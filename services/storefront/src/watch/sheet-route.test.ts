import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSheetRoute, searchWith } from './sheet-route.ts'

test('a query names the sheet, and one sheet replaces the other in it', () => {
  assert.deepEqual(readSheetRoute('utm=kakao'), { kind: 'closed' })
  assert.deepEqual(readSheetRoute('products='), { kind: 'products' })
  assert.deepEqual(readSheetRoute('products=&buy=p%2F1'), { kind: 'buy', productId: 'p/1' })
  assert.deepEqual(readSheetRoute('sign-in='), { kind: 'sign-in' })
  assert.deepEqual(readSheetRoute('buy='), { kind: 'closed' })
  assert.equal(searchWith('utm=kakao&products=', { kind: 'buy', productId: 'p/1' }), '?utm=kakao&buy=p%2F1')
  assert.equal(searchWith('buy=p1', { kind: 'closed' }), '')
})
