/** `kubectl delete namespace` ends: nobody is left in it who could take a finalizer off, so none is left behind. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { broadcastFinalizer, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { eventually, startTestCluster, testTemplate, type TestCluster } from './testing/cluster.ts'
import { startWorld } from './testing/world.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster.stop())

const read = (namespace: string, name: string): Promise<Broadcast> => cluster.api.get(broadcasts, { namespace, name })
/** What the namespace's controller would wait for: it deletes the Pods first, then everything else (KEP-5080). */
const deleteNamespace = (namespace: string) =>
  cluster.api.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })

test('an idle Broadcast has nothing that its deletion waits for', async (t) => {
  const world = await startWorld(t, cluster, 'ends-idle')
  await world.create('b-1')
  const seen = await world.until('b-1', 'it is open', (one) => one.status?.phase === 'Open')
  assert.deepEqual(seen.metadata.finalizers ?? [], [])
})

test('the last operator of a namespace that is being deleted ends live streams and lets their objects go', async (t) => {
  const world = await startWorld(t, cluster, 'ends-live')
  const live = await world.goLive('b-1')
  assert.deepEqual(live.metadata.finalizers, [broadcastFinalizer])
  await deleteNamespace(world.namespace)
  const startedAt = performance.now()
  await world.operator.stop()
  assert.ok(performance.now() - startedAt < 25_000, 'in the time that its Pod has')
  const left = await read(world.namespace, 'b-1')
  assert.deepEqual(left.metadata.finalizers ?? [], [])
  assert.equal(left.status?.phase, 'Ended', 'its viewers were told')
  assert.equal(world.streamPods().length, 0)
})

test('a Pod that does not go holds nothing up', async (t) => {
  const onNode = { ...testTemplate, spec: { ...testTemplate.spec, nodeName: 'node-1' } } // so that kubelet has to let it go
  const world = await startWorld(t, cluster, 'ends-stuck', undefined, { template: onNode })
  await world.goLive('b-1')
  world.kubelet.isUp = false
  await deleteNamespace(world.namespace)
  await world.operator.stop()
  assert.equal(world.streamPods().length, 1)
  assert.deepEqual((await read(world.namespace, 'b-1')).metadata.finalizers ?? [], [])
})

test('an operator that only restarts ends nothing', async (t) => {
  const world = await startWorld(t, cluster, 'stays')
  const live = await world.goLive('b-1')
  const operator = await world.restart()
  await eventually('it leads', () => (operator.isLeading() ? true : undefined))
  const now = await read(world.namespace, 'b-1')
  assert.deepEqual([now.status?.podUID, now.status?.phase], [live.status?.podUID, 'Live'])
  assert.deepEqual(now.metadata.finalizers, [broadcastFinalizer])
})
