import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { concernOf } from './object-concern.ts'

const at = '2026-01-01T00:00:00Z'
const object = (facts: { metadata?: object; spec?: object; status?: object } = {}) =>
  broadcastShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name: 'b-1', namespace: 'shop', uid: 'u', resourceVersion: '1', ...facts.metadata },
    spec: { title: 't', seller: 's', streamKey: { sha256: 'a'.repeat(64) }, ...facts.spec },
    status: facts.status,
  })
const publishing = (status: string, reason: string) => ({
  conditions: [{ type: 'Publishing', status, reason, lastTransitionTime: at }],
})

test('what the platform writes all the time needs no look at the database', () => {
  const before = concernOf(object({ status: publishing('True', 'Receiving') }))
  for (const later of [
    { metadata: { resourceVersion: '9' }, status: publishing('True', 'Receiving') },
    { status: { ...publishing('True', 'KeyFramesFarApart'), podName: 'stream-1', phase: 'Live' } },
    { status: { ...publishing('True', 'Receiving'), mediaSequence: { number: 7, at, segmentSeconds: 2 } } },
  ])
    assert.equal(concernOf(object(later)), before)
})

test('what rows follow does', () => {
  const before = concernOf(object({ status: publishing('True', 'Receiving') }))
  for (const later of [
    { status: publishing('False', 'Interrupted') },
    { status: { ...publishing('True', 'Receiving'), endedAt: at } },
    { metadata: { deletionTimestamp: at }, status: publishing('True', 'Receiving') },
    { metadata: { uid: 'another' }, status: publishing('True', 'Receiving') },
    { spec: { state: 'Ended' }, status: publishing('True', 'Receiving') },
    { spec: { title: 'edited' }, status: publishing('True', 'Receiving') },
    { spec: { streamKey: { sha256: 'b'.repeat(64) } }, status: publishing('True', 'Receiving') },
  ])
    assert.notEqual(concernOf(object(later)), before)
})
