import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { broadcastShape, type Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import { observedState, type BroadcastState } from './broadcast-state.ts'
import { decideObject, type DesiredBroadcast } from './desired-object.ts'

const hash = 'a'.repeat(64)
const row: DesiredBroadcast = {
  id: 'b-1',
  sellerId: 'acc_1',
  title: 'Tea',
  state: 'open',
  streamKeySha256: hash,
  recording: true,
  objectCreated: true,
}

function anObject(over: { spec?: object; status?: object; metadata?: object } = {}): BroadcastObject {
  return broadcastShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name: 'b-1', namespace: 'n', uid: 'u', resourceVersion: '7', ...over.metadata },
    spec: { title: 'Tea', seller: 'acc_1', streamKey: { sha256: hash }, state: 'Open', ...over.spec },
    status: over.status,
  })
}

describe('what is done to the object', () => {
  const deleting = anObject({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
  const cases: [string, Partial<DesiredBroadcast>, BroadcastObject | undefined, object][] = [
    ['both agree: nothing', {}, anObject(), { type: 'none' }],
    ['scheduled: nothing yet', { state: 'scheduled', objectCreated: false }, undefined, { type: 'none' }],
    ['made once and gone: it stays gone', {}, undefined, { type: 'none' }],
    ['ended before it was made: it is not made', { state: 'ended', objectCreated: false }, undefined, { type: 'none' }],
    ['ended: the object ends', { state: 'ended' }, anObject(), { type: 'update', spec: { state: 'Ended' } }],
    ['ended on both sides: nothing', { state: 'ended' }, anObject({ spec: { state: 'Ended' } }), { type: 'none' }],
    ['ended by hand: it cannot be opened again', {}, anObject({ spec: { state: 'Ended' } }), { type: 'none' }],
    ['being deleted: nothing', { title: 'New' }, deleting, { type: 'none' }],
    ['another title', { title: 'New' }, anObject(), { type: 'update', spec: { title: 'New' } }],
    [
      'another key',
      { streamKeySha256: 'b'.repeat(64) },
      anObject(),
      { type: 'update', spec: { streamKey: { sha256: 'b'.repeat(64), secretRef: null } } },
    ],
    [
      'a key by reference, put in by hand',
      {},
      anObject({ spec: { streamKey: { secretRef: { name: 's', key: 'k' } } } }),
      { type: 'update', spec: { streamKey: { sha256: hash, secretRef: null } } },
    ],
    ['a ladder of the platform team stays', {}, anObject({ spec: { ladder: [], dvrWindow: '1h' } }), { type: 'none' }],
  ]
  for (const [name, change, object, expected] of cases) {
    test(name, () => assert.deepEqual(decideObject({ ...row, ...change }, object), expected))
  }

  test('open and not made yet: it is made, with the hash and never the key', () => {
    const action = decideObject({ ...row, objectCreated: false }, undefined)
    assert.equal(action.type, 'create')
    assert.ok(action.type === 'create')
    assert.deepEqual((action.body as BroadcastObject).spec, {
      title: 'Tea',
      seller: 'acc_1',
      streamKey: { sha256: hash },
      state: 'Open',
      recording: true,
    })
  })
})

describe('the state that an object says', () => {
  const at = '2026-01-01T00:00:00Z'
  const conditions = (publishing: boolean, playable: boolean) => ({
    conditions: [
      { type: 'Publishing', status: publishing ? 'True' : 'False', reason: 'R', lastTransitionTime: at },
      { type: 'Playable', status: playable ? 'True' : 'False', reason: 'R', lastTransitionTime: at },
    ],
  })
  const cases: [string, BroadcastState, BroadcastObject, BroadcastState][] = [
    ['no status yet', 'open', anObject(), 'open'],
    ['published and not playable yet', 'open', anObject({ status: conditions(true, false) }), 'open'],
    ['published and playable', 'open', anObject({ status: conditions(true, true) }), 'live'],
    ['the encoder is gone', 'live', anObject({ status: conditions(false, true) }), 'interrupted'],
    ['the Pod is replaced', 'live', anObject({ status: conditions(true, false) }), 'interrupted'],
    ['still gone', 'interrupted', anObject({ status: conditions(false, true) }), 'interrupted'],
    ['the encoder is back', 'interrupted', anObject({ status: conditions(true, true) }), 'live'],
    ['the operator ended it', 'live', anObject({ status: { ...conditions(true, true), endedAt: at } }), 'ended'],
    ['its spec says Ended', 'open', anObject({ spec: { state: 'Ended' } }), 'ended'],
    ['it is being deleted', 'live', anObject({ metadata: { deletionTimestamp: at } }), 'ended'],
  ]
  for (const [name, current, object, expected] of cases) {
    test(`${name}: ${current} → ${expected}`, () => assert.equal(observedState(object, current), expected))
  }
})
