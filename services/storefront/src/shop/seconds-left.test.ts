import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsLeft } from './seconds-left.ts'

const expiresAt = '2026-01-01T00:10:00.000Z'
const at = (time: string) => Date.parse(time)

test('a reservation counts down in whole seconds and is over exactly at its end', () => {
  assert.equal(secondsLeft(expiresAt, at('2026-01-01T00:00:00Z')), 600)
  assert.equal(secondsLeft(expiresAt, at('2026-01-01T00:09:59.001Z')), 1)
  assert.equal(secondsLeft(expiresAt, at('2026-01-01T00:10:00Z')), 0)
})

test('time never runs below zero, and an unreadable end is over', () => {
  assert.equal(secondsLeft(expiresAt, at('2026-01-02T00:00:00Z')), 0)
  assert.equal(secondsLeft('soon', 0), 0)
})
