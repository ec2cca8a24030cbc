import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Heartbeat } from './heartbeat.ts'

/** A connection that counts its pings; the test says what is heard. */
const connection = () => {
  const peer = { receivedBytes: 0, pings: 0, ping: () => void (peer.pings += 1) }
  return peer
}

test('a Pod that is asked and says nothing for three ticks is stuck', () => {
  const peer = connection()
  const heartbeat = new Heartbeat(peer, 0)
  const alive = [1, 2, 3, 4].map((second) => heartbeat.tick(second * 1_000, 0))
  assert.deepEqual(alive, [true, true, true, false])
  assert.equal(peer.pings, 1, 'one ping at a time')
})

test('a ping between two ticks leaves the Pod three whole seconds', () => {
  const heartbeat = new Heartbeat(connection(), 0)
  heartbeat.ask(1)
  const alive = [1, 2, 3, 4].map((second) => heartbeat.tick(second * 1_000, 0))
  assert.deepEqual(alive, [true, true, true, false])
})

test('a late pong, or any other byte, is a sign of life', () => {
  const peer = connection()
  const heartbeat = new Heartbeat(peer, 0)
  for (const second of [1, 2, 3]) assert.ok(heartbeat.tick(second * 1_000, 0))
  peer.receivedBytes = 16
  for (const second of [4, 5, 6]) assert.ok(heartbeat.tick(second * 1_000, 0))
  assert.equal(heartbeat.tick(7_000, 0), false)
})

test('seconds in which this process did not run are not held against the Pod', () => {
  const heartbeat = new Heartbeat(connection(), 0)
  assert.ok(heartbeat.tick(1_000, 0))
  assert.ok(heartbeat.tick(2_000, 0))
  assert.ok(heartbeat.tick(3_000, 0))
  assert.ok(heartbeat.tick(20_000, 0), 'late by 16 seconds')
  assert.equal(heartbeat.tick(21_000, 0), false)
})

test('a pong confirms what was written before its ping, once', () => {
  const peer = connection()
  const heartbeat = new Heartbeat(peer, 0)
  heartbeat.ask(7)
  heartbeat.ask(9)
  assert.equal(peer.pings, 1)
  assert.equal(heartbeat.answered(), 7)
  assert.equal(heartbeat.answered(), undefined)
  heartbeat.ask(11)
  assert.equal(heartbeat.answered(), 11)
})
