import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLiveEvent } from './parse-event.ts'

test('events are read as the contract says', () => {
  assert.deepEqual(parseLiveEvent('stock', '{"productId":"p","stock":0,"version":9}'), {
    type: 'stock',
    data: { productId: 'p', stock: 0, version: 9 },
  })
  assert.deepEqual(parseLiveEvent('pin', '{"productId":null,"productIds":["a",1],"at":"now"}')?.data, {
    productId: null,
    productIds: ['a'],
    at: 'now',
  })
  assert.deepEqual(parseLiveEvent('tray', '{"revision":1,"productIds":["a","b"]}')?.data, {
    revision: 1,
    productIds: ['a', 'b'],
  })
  assert.equal(parseLiveEvent('tray', '{"revision":1}'), undefined)
  assert.deepEqual(parseLiveEvent('state', '{"state":"live"}')?.data, { state: 'live' })
})

test('how a chat is set, whom a message answers and whose messages go are read, and what is odd in them is left out', () => {
  const notice = { chatId: null, displayName: 'Ann', role: 'host', text: 'hi', at: '' }
  const settings = { revision: 2, frozen: true, slowSeconds: 30, notice }
  assert.deepEqual(parseLiveEvent('chat_settings', JSON.stringify(settings))?.data, settings)
  assert.equal(parseLiveEvent('chat_settings', '{"revision":2,"frozen":1,"slowSeconds":30}'), undefined)
  assert.deepEqual(parseLiveEvent('chat_hidden', '{"id":"1","authorId":"u"}')?.data, { id: '1', authorId: 'u' })
  const said = (replyTo: unknown) => JSON.stringify({ id: '1', displayName: 'Ann', text: 'hi', at: '', replyTo })
  const read = [{ id: '0', displayName: 'Bo' }, { id: 0 }, 'x'].map((replyTo) => parseLiveEvent('chat', said(replyTo)))
  assert.deepEqual(
    read.map((event) => event?.type === 'chat' && event.data.replyTo),
    [{ id: '0', displayName: 'Bo' }, undefined, undefined],
  )
})

test('a deal is read whole, or left out', () => {
  const off = { amount: 300, currency: 'KRW' }
  const times = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-01T00:10:00.000Z' }
  const deal = { id: 'deal_1', productId: 'p', off, units: 5, remaining: 2, unitsPerBuyer: null, revision: 4, ...times }
  assert.deepEqual(parseLiveEvent('deal', JSON.stringify(deal)), { type: 'deal', data: deal })
  for (const odd of [{ off: 300 }, { remaining: -1 }, { endsAt: null }, { id: undefined }]) {
    assert.equal(parseLiveEvent('deal', JSON.stringify({ ...deal, ...odd })), undefined)
  }
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
  const authors = [
    { id: 'a', role: 'host' },
    { id: 'a', role: 'moderator' },
    { id: 'a', role: 'king' },
    'host',
    undefined,
  ]
  const read = authors.map((author) => parseLiveEvent('chat', said(author)))
  assert.deepEqual(
    read.map((event) => event?.type === 'chat' && event.data.author),
    [{ id: 'a', role: 'host' }, { id: 'a', role: 'moderator' }, undefined, undefined, undefined],
  )
  assert.equal(parseLiveEvent('viewers', '{"viewers":1.5}'), undefined)
  assert.equal(parseLiveEvent('hearts', '{"hearts":-1}'), undefined)
})
