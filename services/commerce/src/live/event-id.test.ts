import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAfter, isEventId } from './event-id.ts'

test('ids are compared as numbers, first the time and then the sequence', () => {
  assert.ok(isAfter('1000-0', '999-9'))
  assert.ok(isAfter('5-10', '5-9'))
  assert.ok(!isAfter('5-9', '5-9'))
  assert.ok(!isAfter('5-9', '5-10'))
})

test('only ids of the log are ids', () => {
  for (const text of ['1-0', '1763845200000-12']) assert.ok(isEventId(text), text)
  for (const text of ['', '1', '-', '1-0 ', '$', '+', '(1-0', `1-${'9'.repeat(16)}`]) assert.ok(!isEventId(text), text)
})
