import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ladderFor } from './ladder.ts'

const names = (height: number, wanted?: { height: number; bitrateBps: number }[]) =>
  ladderFor(height, wanted).map((rung) => rung.name)

test('rungs are never as tall as the source, and two by default', () => {
  assert.deepEqual(names(1080), ['480p', '360p'])
  assert.deepEqual(names(720), ['480p', '360p'])
  assert.deepEqual(names(480), ['360p', '240p'])
  assert.deepEqual(names(360), ['240p'])
  assert.deepEqual(names(240), [])
})

test('a wanted ladder replaces the default one, tallest first, each height once', () => {
  const rung = (height: number) => ({ height, bitrateBps: 500_000 })
  assert.deepEqual(names(1080, [rung(360), rung(720), rung(360), rung(2160)]), ['720p', '360p'])
  assert.deepEqual(names(1080, []), [])
})
