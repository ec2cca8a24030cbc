import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, newKey, type Answer } from '../../framework/http.ts'
import { createProduct, signUp, stockOf } from '../../framework/people.ts'

const api = '/api/commerce/v1'

test('bad input is refused with its own code and loses nothing', { timeout: 600_000 }, async () => {
  const seller = await signUp('seller')
  const productId = await createProduct(seller, { name: 'safe', price: 1_000, stock: 7 })
  const token = seller.token
  const order = (body: unknown, headers = newKey()) => call('POST', `${api}/orders`, { token, headers, body })
  const image = (type: string, content: Uint8Array<ArrayBuffer>) =>
    call('PUT', `${api}/products/${productId}/image`, { token, bytes: { type, content } })
  const huge = { name: 'x'.repeat(200_000), description: '', price: { amount: 1, currency: 'KRW' }, stock: 1 }
  const refusals: [what: string, answer: Answer, status: number, code: string][] = [
    ['a quantity that is a text', await order({ productId, quantity: '1' }), 400, 'invalid_request'],
    ['a negative quantity', await order({ productId, quantity: -1 }), 400, 'invalid_request'],
    ['an unknown field', await order({ productId, quantity: 1, price: 1 }), 400, 'invalid_request'],
    [
      'no idempotency key',
      await call('POST', `${api}/orders`, { token, body: { productId, quantity: 1 } }),
      400,
      'idempotency_key_missing',
    ],
    ['an unknown product', await order({ productId: 'p-none', quantity: 1 }), 404, 'not_found'],
    [
      'no token',
      await call('POST', `${api}/orders`, { headers: newKey(), body: { productId, quantity: 1 } }),
      401,
      'unauthenticated',
    ],
    ['a body of 200 kB', await call('POST', `${api}/products`, { token, body: huge }), 413, 'body_too_large'],
    [
      'text called an image',
      await image('image/png', new TextEncoder().encode('no picture here')),
      415,
      'unsupported_media_type',
    ],
    [
      'a type that is no image',
      await image('text/plain', new TextEncoder().encode('hello')),
      415,
      'unsupported_media_type',
    ],
    [
      'a card number that is none',
      await call('POST', '/api/payment/v1/card-tokens', {
        token,
        body: { number: '4242424242424241', expiryMonth: 1, expiryYear: 2040, cvc: '123' },
      }),
      400,
      'invalid_request',
    ],
  ]
  for (const [what, answer, status, code] of refusals) {
    assert.deepEqual([answer.status, answer.body['code']], [status, code], `${what}: ${answer.text.slice(0, 300)}`)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', what)
  }
  assert.equal(await stockOf(productId), 7)
})
