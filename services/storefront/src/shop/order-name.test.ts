import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderNumber } from './order-name.ts'

test('an order number is short enough to be said, and the end of the id that the service has', () => {
  assert.equal(orderNumber('o_01jd3w5k8rq2m7v9xxabcd2345'), 'ABCD-2345')
})
