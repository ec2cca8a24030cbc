import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, base64String, oneof, property, string } from 'fast-check'
import { InvalidRequestError } from '@mytaek1/platform/errors.ts'
import { decodeCursor, encodeCursor, toPage } from './paging.ts'

test('a cursor says where the page ended', () => {
  const position = { at: new Date('2026-01-02T03:04:05.678Z'), id: 'prd_x' }
  assert.deepEqual(decodeCursor(encodeCursor(position)), position)
})

test('nothing but an own cursor is taken, and nothing breaks the reader', () => {
  check(
    property(oneof(string(), base64String()), (text) => {
      try {
        decodeCursor(text)
      } catch (error) {
        assert.ok(error instanceof InvalidRequestError)
      }
    }),
  )
  assert.throws(() => decodeCursor(Buffer.from('["yesterday","x"]').toString('base64url')), InvalidRequestError)
})

test('the row beyond the page tells that there is another one', () => {
  const row = (id: string) => ({ at: new Date(0), id })
  const position = (each: { at: Date; id: string }) => each
  assert.equal(toPage([row('a'), row('b')], 2, position).nextCursor, null)
  const page = toPage([row('a'), row('b'), row('c')], 2, position)
  assert.equal(page.items.length, 2)
  assert.equal(decodeCursor(page.nextCursor ?? '').id, 'b')
})

test('a cursor with an id or a time that no row can have is refused', () => {
  const cursor = (at: string, id: string) => Buffer.from(JSON.stringify([at, id])).toString('base64url')
  const now = new Date().toISOString()
  assert.equal(decodeCursor(cursor(now, 'prd_1')).id, 'prd_1')
  for (const bad of [cursor(now, '상품'), cursor(now, "a'b"), cursor('+275760-09-13T00:00:00.000Z', 'prd_1')]) {
    assert.throws(() => decodeCursor(bad), { code: 'invalid_request' })
  }
})
