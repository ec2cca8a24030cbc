import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLiveEvent } from './parse-event.ts'

test('events are read as the contract says', () => {
  assert.deepEqual(parseLiveEvent('stock', '{"productId":"p","stock":0,"version":9}'), {
    type: 'stock',
    data: { productId: 'p', stock: 0, version: 9 },
  })
  assert.deepEqual(parseLiveEvent('pin', '{"productId":null,"at":"now"}')?.data, { productId: null, at: 'now' })
  assert.deepEqual(parseLiveEvent('state', '{"state":"live"}')?.data, { state: 'live' })
})

test('anything else is left out instead of shown', () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"productId":"p","stock":-1,"version":1}',
    '{"productId":"p","stock":"1"}',
  ])
    assert.equal(parseLiveEvent('stock', text), undefined, text)
  assert.equal(parseLiveEvent('state', '{"state":"paused"}'), undefined)
  assert.equal(parseLiveEvent('chat', '{"id":1}'), undefined)
  const said = (author: unknown) => JSON.stringify({ id: '1', displayName: 'Ann', text: 'hi', at: '', author })
  const authors = [{ id: 'a', role: 'host' }, { id: 'a', role: 'king' }, 'host', undefined]
  const read = authors.map((author) => parseLiveEvent('chat', said(author)))
  assert.deepEqual(
    read.map((event) => event?.type === 'chat' && event.data.author),
    [{ id: 'a', role: 'host' }, undefined, undefined, undefined],
  )
  assert.equal(parseLiveEvent('viewers', '{"viewers":1.5}'), undefined)
})
