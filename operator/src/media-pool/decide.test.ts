import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaPoolShape, type MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import { pods, type Pod } from '../kubernetes/api.ts'
import { templateHashAnnotation } from '../stream-pod/state.ts'
import { decidePool, targetOf, type ObservedPool } from './decide.ts'
import { TokenBucket } from './token-bucket.ts'

const pool = (spec: object): MediaPool =>
  mediaPoolShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'MediaPool',
    metadata: { name: 'default', namespace: 'shop', uid: 'pool', resourceVersion: '1' },
    spec: { min: 0, max: 10, buffer: 2, ...spec },
  })

function pod(name: string, state: 'ready' | 'starting' | 'failed' = 'ready', hash = 'new', age = 0): Pod {
  const conditions = [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False' }]
  return pods.parse({
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: new Date(1_000_000 - age * 1_000).toISOString(),
      annotations: { [templateHashAnnotation]: hash },
    },
    spec: { containers: [{ name: 'stream' }] },
    status: { phase: state === 'failed' ? 'Failed' : 'Running', podIP: '10.0.0.1', conditions },
  })
}
const seen = (facts: Partial<ObservedPool>): ObservedPool => ({
  pool: pool({}),
  free: [],
  finished: [],
  overdue: [],
  live: 0,
  templateHash: 'new',
  tokens: 100,
  ...facts,
})
const names = (list: readonly Pod[]) => list.map(({ metadata }) => metadata.name)

test('the target is the buffer, more for min, never past max', () => {
  const cases: [object, number, number][] = [
    [{ buffer: 2 }, 0, 2],
    [{ buffer: 2 }, 5, 2],
    [{ buffer: 2, min: 6 }, 1, 5],
    [{ buffer: 2, min: 6 }, 6, 2],
    [{ buffer: 2, max: 3 }, 2, 1],
    [{ buffer: 2, max: 3 }, 5, 0],
    [{ buffer: 0 }, 0, 0],
  ]
  for (const [spec, live, target] of cases)
    assert.equal(targetOf(pool(spec), live), target, JSON.stringify([spec, live]))
})

test('missing Pods are made, as many as there are tokens', () => {
  assert.equal(decidePool(seen({ free: [pod('a')] })).create, 1)
  const short = decidePool(seen({ pool: pool({ buffer: 8 }), tokens: 3.7 }))
  assert.equal(short.create, 3)
  assert.equal(short.missing, 5)
  assert.equal(decidePool(seen({ free: [pod('a', 'starting'), pod('b')] })).create, 0, 'one that starts is not missing')
})

test('what is too many goes: the unready first, then old templates, then the youngest', () => {
  const free = [
    pod('ready-old', 'ready', 'new', 9),
    pod('ready-young'),
    pod('stale', 'ready', 'old', 9),
    pod('starting', 'starting'),
  ]
  assert.deepEqual(names(decidePool(seen({ free, pool: pool({ buffer: 1 }) })).delete), [
    'starting',
    'stale',
    'ready-young',
  ])
})

test('a new template rolls out one warm Pod at a time, and only when all are ready', () => {
  const stale = [pod('a', 'ready', 'old'), pod('b', 'ready', 'old')]
  assert.deepEqual(names(decidePool(seen({ free: stale })).delete), ['a'])
  assert.deepEqual(names(decidePool(seen({ free: [pod('c', 'starting'), pod('b', 'ready', 'old')] })).delete), [])
})

test('Pods that ended are removed and replaced', () => {
  const plan = decidePool(seen({ free: [pod('a')], finished: [pod('dead', 'failed')] }))
  assert.deepEqual(names(plan.delete), ['dead'])
  assert.equal(plan.create, 1)
})

test('the bucket gathers tokens at its rate, at most one second of them', () => {
  const bucket = new TokenBucket(0)
  assert.equal(bucket.available(5, 0), 1)
  bucket.take(1)
  assert.equal(bucket.available(5, 400), 2)
  assert.equal(bucket.available(5, 60_000), 5)
  bucket.take(5)
  assert.equal(bucket.waitMs(5), 200)
})

test('Pods of an old template that are not ready, and those past their time, make way for others', () => {
  const typo = [pod('a', 'starting', 'typo'), pod('b', 'starting', 'typo')]
  const plan = decidePool(seen({ free: typo }))
  assert.deepEqual([names(plan.delete), plan.create], [['a', 'b'], 2])
  const overdue = pod('c', 'starting')
  const next = decidePool(seen({ free: [pod('d'), overdue], overdue: [overdue] }))
  assert.deepEqual([names(next.delete), next.create], [['c'], 1])
  const held = decidePool(seen({ free: [pod('d'), overdue], overdue: [overdue], tokens: 0 }))
  assert.deepEqual([names(held.delete), held.create, held.missing], [['c'], 0, 1])
})
