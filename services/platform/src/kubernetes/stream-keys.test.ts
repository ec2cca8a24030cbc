import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isOpen, keyHashOf, newestOf } from './stream-keys.ts'

const broadcast = (name: string, created: string, rest: object = {}) =>
  ({
    metadata: { name, creationTimestamp: created },
    spec: { state: 'Open', streamKey: { sha256: 'spec' } },
    ...rest,
  }) as unknown as Broadcast

const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z']

test('of several the newest gets the encoder; of two of one second the name decides, in whatever order they come', () => {
  const [old, b, a] = [broadcast('z', first), broadcast('b', second), broadcast('a', second)]
  for (const order of [
    [old, b, a],
    [a, b, old],
    [b, old, a],
  ])
    assert.equal(newestOf(order), b)
  assert.equal(newestOf([]), undefined)
})

test('one that has ended, failed or is being deleted takes no encoder', () => {
  assert.ok(isOpen(broadcast('a', first)))
  for (const status of [{ endedAt: first }, { phase: 'Ended' }, { phase: 'Failed' }])
    assert.ok(!isOpen(broadcast('a', first, { status })))
  const metadata = { name: 'a', deletionTimestamp: first }
  assert.ok(!isOpen(broadcast('a', first, { metadata })))
})

test("where a Secret holds the key, the operator's resolution of it counts; else the spec's own", () => {
  const status = { streamKeySha256: 'resolved' }
  assert.equal(keyHashOf(broadcast('a', first, { status })), 'spec')
  const spec = { state: 'Open', streamKey: { sha256: 'spec', secretRef: { name: 's', key: 'k' } } }
  assert.equal(keyHashOf(broadcast('a', first, { spec, status })), 'resolved')
  assert.equal(keyHashOf(broadcast('a', first, { spec })), undefined)
})
