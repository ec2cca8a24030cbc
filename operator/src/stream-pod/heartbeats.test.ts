import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Heartbeats } from './heartbeats.ts'

test('a stream process is heard of when its Lease changes; one that has none never was', () => {
  const heartbeats = new Heartbeats()
  heartbeats.heard('shop/stream-1', 1_000)
  assert.equal(heartbeats.silentMs('shop/stream-1', 26_000), 25_000)
  assert.equal(heartbeats.silentMs('shop/stream-2', 26_000), Number.POSITIVE_INFINITY)
  heartbeats.forget('shop/stream-1')
  assert.equal(heartbeats.silentMs('shop/stream-1', 26_000), Number.POSITIVE_INFINITY)
})
