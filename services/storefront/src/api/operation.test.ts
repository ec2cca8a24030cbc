import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestOf } from './operation.ts'

test('parameters go into the path and after it, escaped; absent ones are left out', () => {
  assert.deepEqual(requestOf('get', '/api/commerce/v1/orders/{id}', { params: { id: 'o/1?x' } }), {
    method: 'GET',
    path: '/api/commerce/v1/orders/o%2F1%3Fx',
  })
  assert.deepEqual(requestOf('get', '/api/commerce/v1/broadcasts', { query: { state: 'live', cursor: undefined } }), {
    method: 'GET',
    path: '/api/commerce/v1/broadcasts?state=live',
  })
})

test('the body, the key and the signal go along as they are', () => {
  const { signal } = new AbortController()
  const body = { productId: 'p-1', quantity: 2 }
  const input = { body, signal, idempotencyKey: 'key', params: {} }
  assert.deepEqual(requestOf('post', '/api/commerce/v1/orders', input), {
    method: 'POST',
    path: '/api/commerce/v1/orders',
    body,
    signal,
    idempotencyKey: 'key',
  })
})
