import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { firstMediaSequenceNumber, lostSegments } from './assignment.ts'
import { SequenceRecord } from './sequence-record.ts'
import { assignmentOf, parseGoDuration } from './broadcast-assignment.ts'

test('a replacement goes on just above what its predecessor can have reached', () => {
  const created = Date.UTC(2026, 0, 1)
  const record = new SequenceRecord(2)
  let sequence = record.take()
  let nowMs = created + 7000
  let number = firstMediaSequenceNumber({ createdAtMs: created, sequence }, nowMs)
  for (const seconds of [2, 2, 0.3, 0.3, 2, 1.6, 1.6, 1.6, 2.4, 2.4, 2.4, 2.4, 2.4, 2, 2]) {
    if (record.segmentStarted(number, 0, nowMs)) sequence = record.take()
    for (const part of [0, 0.5, 0.99]) {
      const next = firstMediaSequenceNumber({ createdAtMs: created, sequence }, nowMs + part * seconds * 1000)
      assert.ok(next > number, 'numbers never fall')
      assert.ok(next <= number + 5, `${next} is far from ${number}`)
    }
    nowMs += seconds * 1000
    number += 1
  }
})

test('a steady stream needs no record but the first', () => {
  const record = new SequenceRecord(2)
  const writes = Array.from({ length: 500 }, (_, number) => {
    const isDue = record.segmentStarted(number, 0, number * 2000)
    if (isDue) record.take()
    return isDue
  })
  assert.equal(writes.filter(Boolean).length, 1)
})

test('segments that come a little early or late need no record each', () => {
  const record = new SequenceRecord(2)
  let writes = 0
  for (let number = 0; number < 600; number += 1) {
    const jitterMs = ((number * 7919) % 13) * 25 - 150
    if (record.segmentStarted(number, 0, number * 2000 + jitterMs)) writes += 1
  }
  assert.ok(writes <= 6, `${writes} writes in twenty minutes`)
})

test('a discontinuity is recorded at once, for the gaps that a replacement lists are of the same one', () => {
  const record = new SequenceRecord(2)
  record.segmentStarted(7, 3, 0)
  record.take()
  assert.equal(record.segmentStarted(8, 3, 2000), false)
  assert.equal(record.segmentStarted(9, 4, 4000), true)
  const sequence = record.take()
  assert.deepEqual([sequence?.number, sequence?.discontinuity], [9, 4])
  assert.equal(lostSegments(sequence, 12), 3)
  assert.equal(lostSegments(undefined, 12), 0)
})

test('what a predecessor recorded is told on until a segment of our own begins, whatever a later watch event lacks', () => {
  const record = new SequenceRecord(2)
  const recorded = { number: 41, discontinuity: 3, atMs: 1000, segmentSeconds: 2 }
  record.inherit(recorded)
  record.inherit(undefined)
  record.inherit({ ...recorded, number: 40 })
  assert.deepEqual(record.take(), recorded)
  assert.deepEqual(record.inherited, recorded)
  assert.equal(record.segmentStarted(44, 4, 5000), true)
  assert.equal(record.take()?.number, 44)
  record.inherit({ ...recorded, number: 90 })
  assert.deepEqual(record.inherited, recorded, 'our own writes come back by the watch')
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
      ladder: [{ height: 480, bitrateBps: 900_000 }],
      encoderPreset: 'faster',
      dvrWindow: '2m',
    },
    status: { streamKeySha256: 'ab'.repeat(32), phase: 'Live' },
  })
  const assignment = assignmentOf(broadcast)
  assert.deepEqual(
    [
      assignment.streamKeySha256,
      assignment.latency,
      assignment.ladder,
      assignment.encoderPreset,
      assignment.dvrWindowSeconds,
      assignment.createdAtMs,
      assignment.state,
    ],
    ['ab'.repeat(32), 'Ultra', [{ height: 480, bitrateBps: 900_000 }], 'faster', 120, Date.UTC(2026, 0, 1), 'open'],
  )
  assert.equal(assignmentOf({ ...broadcast, spec: { ...broadcast.spec, state: 'Ended' } }).state, 'ended')
})
