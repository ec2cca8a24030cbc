import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, placeholders, preferredLocale } from './locale.ts'
import { en, type MessageKey } from './messages-en.ts'
import { ko } from './messages-ko.ts'

test('both languages have every text, and none is empty', () => {
  assert.deepEqual(Object.keys(ko).toSorted(), Object.keys(en).toSorted())
  for (const [key, text] of [...Object.entries(en), ...Object.entries(ko)]) assert.notEqual(text.trim(), '', key)
})

test('a text expects the same values in both languages', () => {
  const keys = Object.keys(en) as MessageKey[]
  for (const key of keys) assert.deepEqual(placeholders(ko[key]), placeholders(en[key]), key)
})

test('the remembered language wins over the browser, the browser over Korean', () => {
  assert.equal(preferredLocale('en', ['ko-KR']), 'en')
  assert.equal(preferredLocale(null, ['fr-FR', 'en-GB', 'ko']), 'en')
  assert.equal(preferredLocale(null, ['ko-KR', 'en-US']), 'ko')
  assert.equal(preferredLocale(null, ['fr-FR']), 'ko')
  assert.equal(preferredLocale('xx', []), 'ko')
})

test('values are filled in by name and a missing one stays visible', () => {
  assert.equal(fill('{count} left of {name}', { count: 3, name: 'tea' }), '3 left of tea')
  assert.equal(fill('{count} left', {}), '{count} left')
})
