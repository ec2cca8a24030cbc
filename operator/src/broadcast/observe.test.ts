import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastShape, labels, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { Store } from '@mytaek1/platform/kubernetes/store.ts'
import { pods, type Pod } from '../kubernetes/api.ts'
import { broadcastIndexes, podIndexes, type Caches } from '../stream-pod/caches.ts'
import { Claims } from '../stream-pod/claims.ts'
import { templateHashAnnotation } from '../stream-pod/state.ts'
import { Blueprints, parsePodTemplate } from '../stream-pod/template.ts'
import { observe } from './observe.ts'

const broadcast: Broadcast = broadcastShape.parse({
  apiVersion: 'live.mytaek1.dev/v1alpha1',
  kind: 'Broadcast',
  metadata: { name: 'b-1', namespace: 'shop', uid: 'b', resourceVersion: '1' },
  spec: { title: 't', seller: 'ann', streamKey: { sha256: 'a'.repeat(64) } },
  status: { podName: 'live' },
})

function pod(name: string, facts: { node: string; template?: string; ageSeconds?: number; leaving?: boolean }): Pod {
  const { node, template = 'new', ageSeconds = 0, leaving = false } = facts
  return pods.parse({
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: new Date(1_000_000 - ageSeconds * 1_000).toISOString(),
      labels: name === 'live' ? { [labels.broadcast]: 'b-1' } : { [labels.pool]: 'default' },
      annotations: { [templateHashAnnotation]: template },
      ...(leaving ? { deletionTimestamp: new Date(2_000_000).toISOString() } : {}),
    },
    spec: { nodeName: node, containers: [{ name: 'stream' }] },
    status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  })
}

function chosen(assigned: Pod, ...warm: Pod[]): string | undefined {
  const store = new Store<Pod>(podIndexes)
  for (const one of [assigned, ...warm]) store.set(one)
  const broadcasts = new Store<Broadcast>(broadcastIndexes)
  broadcasts.set(broadcast)
  // Only the stores are read: nothing here follows an apiserver.
  const caches = {
    pods: { store },
    broadcasts: { store: broadcasts },
    pools: { store: new Store() },
  } as unknown as Caches
  const facts = {
    key: { sha256: 'a'.repeat(64) },
    blueprints: new Blueprints(parsePodTemplate({ containers: [{ name: 'stream' }] })),
    failureOf: () => undefined,
    isClosing: false,
    rushMs: 0,
    silentMs: Number.POSITIVE_INFINITY,
    publicHttpUrl: 'http://shop.test',
    lingerMs: 0,
  }
  return observe(caches, new Claims(), broadcast, facts).warm?.metadata.name
}

test('of the warm Pods the newest template is chosen, then the oldest Pod', () => {
  const assigned = pod('live', { node: 'a' })
  const warm = [pod('young', { node: 'a' }), pod('old', { node: 'b', ageSeconds: 9 })]
  assert.equal(chosen(assigned, ...warm, pod('stale', { node: 'c', template: 'older', ageSeconds: 99 })), 'old')
})

test('a stream leaves a node that is drained for a Pod on another node, if there is one', () => {
  const assigned = pod('live', { node: 'a', leaving: true })
  const here = pod('here', { node: 'a', ageSeconds: 9 })
  assert.equal(chosen(assigned, here, pod('there', { node: 'b' })), 'there')
  assert.equal(chosen(assigned, here), 'here')
})
