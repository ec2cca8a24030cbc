import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BadKeyBackoff } from './bad-key-backoff.ts'

test('each wrong key of an address waits longer, up to five seconds, and a minute of peace forgets', () => {
  const backoff = new BadKeyBackoff()
  const waits = Array.from({ length: 7 }, () => backoff.failed('192.0.2.1', 1_000))
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  assert.equal(backoff.failed('192.0.2.2', 1_000), 250)
  assert.equal(backoff.failed('192.0.2.1', 62_000), 250)
})

test('the memory for addresses is bounded; the one longest quiet is forgotten first', () => {
  const backoff = new BadKeyBackoff()
  backoff.failed('first', 0)
  backoff.failed('second', 0)
  backoff.failed('first', 0)
  for (let index = 0; index < 9_999; index++) backoff.failed(`other ${index}`, 0)
  assert.equal(backoff.failed('first', 0), 1_000)
  assert.equal(backoff.failed('second', 0), 250)
})

test('an IPv6 network is one address, however many of its own it comes from', () => {
  const backoff = new BadKeyBackoff()
  backoff.failed('2001:db8:0:7::1', 0)
  assert.equal(backoff.failed('2001:db8:0:7:ffff::2', 0), 500)
  assert.equal(backoff.failed('2001:db8:0:8::1', 0), 250)
})
