import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rush } from './rush.ts'

test('a rush is over when no encoder came for 300 ms', () => {
  const rush = new Rush()
  assert.equal(rush.leftMs(0), 0)
  rush.adopting(1_000)
  assert.equal(rush.leftMs(1_000), 300)
  rush.adopting(1_200)
  assert.equal(rush.leftMs(1_300), 200)
  assert.equal(rush.leftMs(1_500), 0)
})

test('what waits for its end waits two seconds at most, and again only after a lull', () => {
  const rush = new Rush()
  for (let at = 0; at <= 3_000; at += 100) rush.adopting(at)
  assert.deepEqual([rush.leftMs(3_000), rush.crowdedLeftMs(3_000)], [0, 0])
  rush.adopting(3_300)
  assert.deepEqual([rush.leftMs(3_300), rush.crowdedLeftMs(3_300)], [300, 300])
})

test('encoders that come one after the other are no crowd', () => {
  const rush = new Rush()
  for (const at of [0, 50, 100]) {
    rush.adopting(at)
    rush.settled()
  }
  assert.equal(rush.crowdedLeftMs(100), 0)
  rush.adopting(120)
  rush.adopting(130)
  assert.equal(rush.crowdedLeftMs(140), 290)
})
