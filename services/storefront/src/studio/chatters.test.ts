import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatMessage } from '../watch/live-state.ts'
import { chattersOf } from './chatters.ts'

const said = (id: string, displayName: string, text: string, role: 'host' | 'staff' | 'viewer' = 'viewer') =>
  ({ id: text, displayName, text, at: '', author: { id, role } }) satisfies ChatMessage

test('viewers are found by a part of their name, each once, with what they said last, the last first', () => {
  const messages = [
    said('a', 'Sujin', 'one'),
    said('b', 'sujin2', 'two'),
    said('a', 'Sujin', 'three'),
    said('c', 'Bo', 'four'),
  ]
  assert.deepEqual(chattersOf(messages, ' SUJIN '), [
    { id: 'a', displayName: 'Sujin', said: 'three' },
    { id: 'b', displayName: 'sujin2', said: 'two' },
  ])
  assert.deepEqual(
    chattersOf(messages, '').map(({ id }) => id),
    ['c', 'a', 'b'],
  )
})

test('Hangul is the same in either form, and neither host, staff nor a message without author is anybody to bar', () => {
  const { author: _author, ...old } = said('x', '수진', 'old')
  const messages = [said('a', '수진', 'hi'), said('h', '수진', 'mine', 'host'), said('s', '수진', 'ours', 'staff'), old]
  assert.deepEqual(
    chattersOf(messages, '수진'.normalize('NFD')).map(({ id }) => id),
    ['a'],
  )
})

test('a long chat gives twenty', () => {
  const messages = Array.from({ length: 100 }, (_, n) => said(`a${n}`, 'Bo', `${n}`))
  assert.equal(chattersOf(messages, 'bo').length, 20)
})
