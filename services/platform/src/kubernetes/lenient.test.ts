import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcasts } from './resource.ts'
import { UnreadableError } from './error.ts'

const today = {
  apiVersion: 'live.mytaek1.dev/v1alpha1',
  kind: 'Broadcast',
  metadata: { name: 'b-1', namespace: 'shop', uid: 'u', resourceVersion: '1' },
  spec: { title: 'Coats', seller: 'ann', streamKey: { sha256: 'a'.repeat(64) } },
  status: {
    phase: 'Live',
    podName: 'stream-1',
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Playable', lastTransitionTime: '2026-01-01T00:00:00Z' },
      { type: 'Playable', status: 'True', reason: 'PlaylistServed', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
}

test('what this version knows is read whole, and nothing is said to be unread', () => {
  const read = broadcasts.parse(structuredClone(today))
  assert.equal(read.spec.latency, 'Low')
  assert.equal(read.unread, undefined)
})

test('members of enums that only a later version knows are left out, and named', () => {
  const read = broadcasts.parse({
    ...structuredClone(today),
    spec: { ...today.spec, latency: 'Turbo', state: 'Paused', ladder: [{ height: 480, bitrateBps: 'auto' }] },
    status: { ...today.status, phase: 'Rehearsing', recording: { state: 'Uploading' } },
  })
  assert.deepEqual(
    [read.spec.latency, read.spec.state, read.spec.ladder, read.status?.phase, read.status?.recording],
    ['Low', 'Open', [], undefined, undefined],
  )
  assert.equal(read.status?.podName, 'stream-1')
  for (const path of ['spec.latency', 'spec.state', 'status.phase', 'status.recording.state'])
    assert.ok(read.unread?.includes(path), `${path} in ${read.unread?.join()}`)
})

test('of a list only the element that cannot be read is left out', () => {
  const conditions = [{ ...today.status.conditions[0], status: 'Maybe' }, today.status.conditions[1]]
  const read = broadcasts.parse({ ...structuredClone(today), status: { ...today.status, conditions } })
  assert.deepEqual(
    read.status?.conditions?.map(({ type }) => type),
    ['Playable'],
  )
})

test('without what every object needs it is unreadable, in words that name it', () => {
  const broken = { ...structuredClone(today), spec: { ...today.spec, title: { ko: '코트', en: 'Coats' } } }
  assert.throws(
    () => broadcasts.parse(broken),
    (error) => error instanceof UnreadableError && error.message.includes('spec.title'),
  )
})
