import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Claims } from './claims.ts'

test('a chosen Pod is free for nobody else until it is released, whatever becomes of its broadcast', () => {
  const claims = new Claims()
  claims.take('pod-1', 'b-1')
  assert.deepEqual(
    [claims.isFree('pod-1'), claims.isFree('pod-1', 'b-2'), claims.isFree('pod-1', 'b-1')],
    [false, false, true],
  )
  assert.equal(claims.podOf('b-1'), 'pod-1')
  claims.release('pod-1')
  assert.deepEqual([claims.isFree('pod-1'), claims.podOf('b-1')], [true, undefined])
})

test('a broadcast that chooses again has one Pod', () => {
  const claims = new Claims()
  claims.take('pod-1', 'b-1')
  claims.take('pod-2', 'b-1')
  assert.deepEqual([claims.isFree('pod-1'), claims.isFree('pod-2'), claims.podOf('b-1')], [true, false, 'pod-2'])
  claims.clear()
  assert.ok(claims.isFree('pod-2'))
})
