/** `kubectl delete namespace` ends: nobody is left in it who could take a finalizer off, so none is left behind. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { broadcastFinalizer, labels, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { KubernetesApi, type CallOptions } from '@mytaek1/platform/kubernetes/api.ts'
import { loadCredentials } from '@mytaek1/platform/kubernetes/credentials.ts'
import { KubernetesError } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { guardFinalizers } from './guardian.ts'
import { pods } from './kubernetes/api.ts'
import { eventually, listPods, startTestCluster, testLog, testTemplate, type TestCluster } from './testing/cluster.ts'
import { startWorld } from './testing/world.ts'

/** Tells nobody which Pods there are, from when it is told so. */
class RefusingApi extends KubernetesApi {
  isRefusing = false
  refused = 0

  override async call(options: CallOptions): Promise<unknown> {
    const isOfPods = options.method === 'GET' && options.path.endsWith('/pods')
    if (!this.isRefusing || !isOfPods) return super.call(options)
    this.refused += 1
    throw new KubernetesError({ status: 403, reason: 'Forbidden', message: 'pods is forbidden' })
  }
}

/** Has no answer for so many reads, each of its path. */
class SilentApi extends KubernetesApi {
  unanswered: RegExp[] = []

  override async call(options: CallOptions): Promise<unknown> {
    const isNext = options.method === 'GET' && this.unanswered[0]?.test(options.path)
    if (!isNext) return super.call(options)
    this.unanswered.shift()
    throw new KubernetesError({ status: 0, reason: 'NoAnswer', message: 'no answer in time' })
  }
}

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
  assert.equal((await world.streamPods()).length, 0)
})

test('a Pod that does not go holds nothing up', async (t) => {
  const onNode = { ...testTemplate, spec: { ...testTemplate.spec, nodeName: 'node-1' } } // so that kubelet has to let it go
  const world = await startWorld(t, cluster, 'ends-stuck', undefined, { template: onNode })
  await world.goLive('b-1')
  world.kubelet.isUp = false
  await deleteNamespace(world.namespace)
  await world.operator.stop()
  assert.deepEqual((await read(world.namespace, 'b-1')).metadata.finalizers ?? [], [])
})

test('reads that have no answer leave no finalizer behind', async (t) => {
  const api = new SilentApi(await loadCredentials({ kubeconfig: cluster.server.kubeconfigPath }), 'silent')
  const world = await startWorld(t, cluster, 'ends-unheard', undefined, { api })
  await world.goLive('b-1')
  await deleteNamespace(world.namespace)
  api.unanswered = [/\/namespaces\/[^/]+$/, /\/namespaces\/[^/]+$/, /\/broadcasts$/]
  await world.operator.stop()
  assert.equal(api.unanswered.length, 0)
  assert.deepEqual((await read(world.namespace, 'b-1')).metadata.finalizers ?? [], [])
})

test('Pods that may not be taken away hold no finalizer', async (t) => {
  const api = new RefusingApi(await loadCredentials({ kubeconfig: cluster.server.kubeconfigPath }), 'refusing')
  const world = await startWorld(t, cluster, 'ends-refused', undefined, { api })
  await world.goLive('b-1')
  world.kubelet.isUp = false
  api.isRefusing = true
  await deleteNamespace(world.namespace)
  await world.operator.stop()
  assert.ok(api.refused > 0)
  assert.deepEqual((await read(world.namespace, 'b-1')).metadata.finalizers ?? [], [])
})

/** A live stream in a namespace that is being deleted, whose Pods have an hour to drain; and a Pod of the store. */
async function startDraining(t: Parameters<typeof startWorld>[0], namespace: string) {
  const grace = { nodeName: 'node-1', terminationGracePeriodSeconds: 3_600 }
  const template = { ...testTemplate, spec: { ...testTemplate.spec, ...grace } }
  const world = await startWorld(t, cluster, namespace, undefined, { template })
  await world.goLive('b-1')
  const names = async () => (await listPods(cluster.api, namespace)).map(({ metadata }) => metadata.name)
  world.kubelet.isUp = false // they drain
  for (const [name, component] of [
    ['ingest-1', 'ingest'],
    ['mariadb-0', 'mariadb'],
  ] as const) {
    const metadata = { name, namespace, labels: { [labels.name]: 'mytaek1', [labels.component]: component } }
    const spec = { ...grace, schedulerName: 'nobody', containers: [{ name: 'one', image: 'media' }] }
    await cluster.api.create(pods, { namespace }, { apiVersion: 'v1', kind: 'Pod', metadata, spec })
  }
  await deleteNamespace(namespace)
  for (const name of await names()) await cluster.api.delete(pods, { namespace, name })
  assert.equal((await names()).length, 3, 'they have their grace')
  return { world, isStoreAlone: async () => (await names()).join() === 'mariadb-0' }
}

test('Pods that have an hour to drain are gone before their operator is', async (t) => {
  const { world, isStoreAlone } = await startDraining(t, 'ends-draining')
  const stopped = world.operator.stop()
  await eventually('only the store is left', async () => ((await isStoreAlone()) ? true : undefined))
  await stopped
})

test('and before the namespace is looked at again, five seconds after its end began', async (t) => {
  const { api } = cluster
  const { world, isStoreAlone } = await startDraining(t, 'ends-in-time')
  let nowMs = 0
  let goneAtMs: number | undefined
  const clock = {
    nowMs: () => nowMs,
    wait: async (ms: number) => {
      if (await isStoreAlone()) goneAtMs ??= nowMs
      nowMs += ms
    },
  }
  const onClosing = () => undefined // nobody ends the stream: it takes as long as it may
  await guardFinalizers({ api, namespace: world.namespace, graceMs: 10_000, onClosing, log: testLog(), clock })
  assert.ok(goneAtMs !== undefined && goneAtMs < 5_000, `${goneAtMs} ms`)
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
