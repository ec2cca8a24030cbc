import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { firstMediaSequenceNumber } from './assignment.ts'
import { assignmentOf, parseGoDuration } from './broadcast-assignment.ts'

test('a replacement Pod always starts above what its predecessor can have reached', () => {
  const created = Date.UTC(2026, 0, 1)
  for (const lifeSeconds of [1, 10, 3600, 86_400]) {
    const first = firstMediaSequenceNumber(created, created + 5000)
    const reached = first + Math.floor(lifeSeconds / 0.25) // segments are never shorter than a quarter of a second
    assert.ok(firstMediaSequenceNumber(created, created + 5000 + lifeSeconds * 1000) >= reached)
  }
})

test('Go durations become seconds', () => {
  assert.deepEqual(['10m', '60s', '1h30m', '500ms', '1.5h', '', '10', 'x'].map(parseGoDuration), [
    600,
    60,
    5400,
    0.5,
    5400,
    undefined,
    undefined,
    undefined,
  ])
})

test('a Broadcast with a Secret reference takes the hash that the operator resolved', () => {
  const broadcast = broadcastShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: {
      name: 'b-1',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      title: 't',
      seller: 's',
      streamKey: { secretRef: { name: 'k', key: 'key' } },
      latency: 'Ultra',
      dvrWindow: '2m',
    },
    status: { streamKeySha256: 'ab'.repeat(32), phase: 'Live' },
  })
  const assignment = assignmentOf(broadcast)
  assert.deepEqual(
    [
      assignment.streamKeySha256,
      assignment.latency,
      assignment.dvrWindowSeconds,
      assignment.createdAtMs,
      assignment.ended,
    ],
    ['ab'.repeat(32), 'Ultra', 120, Date.UTC(2026, 0, 1), false],
  )
  assert.equal(assignmentOf({ ...broadcast, spec: { ...broadcast.spec, state: 'Ended' } }).ended, true)
})
