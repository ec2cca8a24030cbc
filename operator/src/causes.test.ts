/** What keeps a stream from its Pod is said where people look, and is not tried many times a second. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { labels, streamKeyLabel } from '@mytaek1/contracts/broadcast-resource.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { z } from 'zod'
import { pods } from './kubernetes/api.ts'
import { answers } from './stream-pod/state.ts'
import {
  connectEncoder,
  eventually,
  listPods,
  startTestCluster,
  testTemplate,
  type TestCluster,
} from './testing/cluster.ts'
import { FaultyApi } from './testing/faulty-api.ts'
import { condition, failPull, isTrue, startWorld, type World } from './testing/world.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster.stop())

const poolOf = async ({ namespace }: World) => cluster.api.get(mediaPools, { namespace, name: 'default' })
const poolSays = (world: World, reason: string) =>
  eventually(`the pool says ${reason}`, async () => {
    const ready = (await poolOf(world)).status?.conditions?.find(({ type }) => type === 'Ready')
    return ready?.reason === reason ? ready : undefined
  })
const broadcastSays = (world: World, name: string, reason: string) =>
  world.until(name, `it says ${reason}`, (one) => condition(one, 'PodAssigned')?.reason === reason)
const isTold = (world: World, name: string, reason: string) =>
  eventually(`an Event of ${name} says ${reason}`, async () =>
    (await world.events(name)).includes(reason) ? true : undefined,
  )
const setPool = ({ namespace }: World, spec: object) =>
  cluster.api.patch(mediaPools, { namespace, name: 'default' }, { type: 'merge', body: { spec } })
const withImage = (image: string) => ({
  ...testTemplate,
  spec: { ...testTemplate.spec, containers: testTemplate.spec.containers.map((one) => ({ ...one, image })) },
})

test('a wrong tag is said by pool and Broadcast, and the right one brings both back', async (t) => {
  const pool = { min: 0, max: 10, buffer: 1, refillPerSecond: 50 }
  const world = await startWorld(t, cluster, 'wrong-tag', pool, { template: withImage('media:typo') })
  world.kubelet.onNewPod = (pod) => failPull(cluster, pod)
  await world.create('b-1')
  await connectEncoder(cluster.api, world.namespace, 'b-1')
  const said = await broadcastSays(world, 'b-1', 'ImagePullFailed')
  assert.match(condition(said, 'PodAssigned')?.message ?? '', /media:typo/)
  assert.match((await poolSays(world, 'ImagePullFailed')).message, /media:typo/)
  await isTold(world, 'b-1', 'ImagePullFailed')
  await isTold(world, 'default', 'ImagePullFailed')

  world.kubelet.onNewPod = undefined
  const startedAt = performance.now()
  await world.restart({ template: withImage('media:right') }) // what an upgrade does
  await world.until('b-1', 'it has its Pod', (one) => isTrue(one, 'PodAssigned'))
  await poolSays(world, 'BufferFull')
  assert.ok(performance.now() - startedAt < 30_000)
})

test('a full quota is said by pool and Broadcast, in few tries; room is found by itself', async (t) => {
  const api = await FaultyApi.connect(cluster.server.kubeconfigPath)
  const pool = { min: 0, max: 10, buffer: 1, refillPerSecond: 50 }
  const world = await startWorld(t, cluster, 'quota', undefined, { api })
  const { namespace } = world
  t.after(() => api.close())
  const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
  // Without the controller manager nobody counts; the plugin refuses by what the status says.
  const hard = { pods: '0' }
  await cluster.api.call({ method: 'POST', path: quotas, body: { metadata: { name: 'none' }, spec: { hard } } })
  const status = { hard, used: { pods: '0' } }
  await cluster.api.call({
    method: 'PATCH',
    path: `${quotas}/none/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  })
  // The plugin follows quotas by a watch of its own.
  const spec = { containers: [{ name: 'one', image: 'media' }] }
  const tryPod = { query: { dryRun: 'All' }, body: { metadata: { name: 'try' }, spec } }
  await eventually('the quota is in force', () =>
    cluster.api.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, ...tryPod }).then(
      () => undefined,
      (error: unknown) => (/exceeded quota/.test(String(error)) ? true : undefined),
    ),
  )
  const startedAt = performance.now()
  await cluster.api.create(
    mediaPools,
    { namespace },
    { apiVersion: mediaPools.apiVersion, kind: mediaPools.kind, metadata: { name: 'default' }, spec: pool },
  )
  await world.create('b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  const said = await broadcastSays(world, 'b-1', 'QuotaExceeded')
  assert.match(condition(said, 'Ready')?.message ?? '', /exceeded quota: none/)
  await poolSays(world, 'QuotaExceeded')
  await isTold(world, 'b-1', 'QuotaExceeded')
  await isTold(world, 'default', 'QuotaExceeded')
  const tries = api.writes.filter((write) => write === `POST /api/v1/namespaces/${namespace}/pods`).length
  // of each of the two at once, and after 1 s, 2 s, 4 s …
  const seconds = (performance.now() - startedAt) / 1_000
  assert.ok(tries <= 2 * (2 + Math.log2(1 + seconds)), `${tries} tries in ${seconds} s`)
  await cluster.api.call({ method: 'DELETE', path: `${quotas}/none` })
  await world.until('b-1', 'it has its Pod', (one) => isTrue(one, 'PodAssigned'))
})

test('a broken template is said by pool and Broadcast; no Pod is made from anything else', async (t) => {
  const pool = { min: 0, max: 10, buffer: 0, template: { spec: { containers: 'oops' } } }
  const world = await startWorld(t, cluster, 'broken-template', pool)
  await world.create('b-1')
  await connectEncoder(cluster.api, world.namespace, 'b-1')
  const said = await broadcastSays(world, 'b-1', 'PodTemplateInvalid')
  assert.match(condition(said, 'PodAssigned')?.message ?? '', /template\.spec\.containers/)
  await setPool(world, { buffer: 2 })
  await poolSays(world, 'PodTemplateInvalid')
  await isTold(world, 'b-1', 'PodTemplateInvalid')
  await isTold(world, 'default', 'PodTemplateInvalid')
  assert.equal((await world.streamPods()).length, 0)
  await setPool(world, { template: null })
  await world.until('b-1', 'it has its Pod', (one) => isTrue(one, 'PodAssigned'))
})

test("a cold Pod and its successor are made from the pool's template", async (t) => {
  const pool = { min: 0, max: 10, buffer: 0, template: { spec: { nodeSelector: { disk: 'fast' } } } }
  const world = await startWorld(t, cluster, 'cold-follows', pool)
  const selectorOf = async (name: string) => {
    const path = `/api/v1/namespaces/${world.namespace}/pods/${name}`
    return z
      .object({ spec: z.object({ nodeSelector: z.record(z.string(), z.string()).optional() }) })
      .parse(await cluster.api.call({ method: 'GET', path })).spec.nodeSelector
  }
  const live = await world.goLive('b-1')
  assert.deepEqual(await selectorOf(live.status?.podName ?? ''), { disk: 'fast' })
  await cluster.api.delete(pods, { namespace: world.namespace, name: live.status?.podName ?? '' })
  const next = await world.until(
    'b-1',
    'another Pod',
    (one) => isTrue(one, 'PodAssigned') && one.status?.podUID !== live.status?.podUID,
  )
  assert.deepEqual(await selectorOf(next.status?.podName ?? ''), { disk: 'fast' })
})

test("the Secret of a live stream's key is deleted: the stream goes on, and a condition warns", async (t) => {
  const world = await startWorld(t, cluster, 'secret-gone')
  const secrets = `/api/v1/namespaces/${world.namespace}/secrets`
  const metadata = { name: 'key', labels: { [streamKeyLabel]: 'true' } }
  await cluster.api.call({ method: 'POST', path: secrets, body: { metadata, stringData: { streamKey: 'k' } } })
  await world.create('b-1', { streamKey: { secretRef: { name: 'key', key: 'streamKey' } } })
  await connectEncoder(cluster.api, world.namespace, 'b-1')
  const before = await world.until('b-1', 'it has its Pod', (one) => isTrue(one, 'PodAssigned'))
  await cluster.api.call({ method: 'DELETE', path: `${secrets}/key` })
  await world.restart() // a process that never saw the Secret
  const after = await world.until(
    'b-1',
    'it warns',
    (one) => condition(one, 'KeyAccepted')?.reason === 'SecretNotFound',
  )
  assert.equal(after.status?.streamKeySha256, before.status?.streamKeySha256)
  assert.equal(after.status?.podUID, before.status?.podUID)
  assert.equal(after.status?.phase, before.status?.phase)
  await isTold(world, 'b-1', 'SecretNotFound')
  const streamKey = { secretRef: { name: 'another', key: 'streamKey' } }
  const address = { namespace: world.namespace, name: 'b-1' }
  await cluster.api.patch(broadcasts, address, { type: 'merge', body: { spec: { streamKey } } })
  await world.until('b-1', 'another reference is another key', (one) => one.status?.streamKeySha256 === undefined)
})

test('a Secret without the label is nobody’s stream key', async (t) => {
  const world = await startWorld(t, cluster, 'unlabelled')
  const body = { metadata: { name: 'database' }, stringData: { password: 'p' } }
  await cluster.api.call({ method: 'POST', path: `/api/v1/namespaces/${world.namespace}/secrets`, body })
  await world.create('b-1', { streamKey: { secretRef: { name: 'database', key: 'password' } } })
  const said = await world.until(
    'b-1',
    'it says so',
    (one) => condition(one, 'KeyAccepted')?.reason === 'SecretNotLabelled',
  )
  assert.equal(said.status?.streamKeySha256, undefined)
})

test('the older of two Broadcasts with one key says so, and no longer when the newer one is gone', async (t) => {
  const world = await startWorld(t, cluster, 'one-key')
  const streamKey = { sha256: 'c'.repeat(64) }
  await world.create('b-1', { streamKey })
  await world.until('b-1', 'it is open', (one) => isTrue(one, 'KeyAccepted'))
  await world.create('b-2', { streamKey })
  const said = await world.until('b-1', 'it says so', (one) => condition(one, 'KeyAccepted')?.reason === 'KeyShared')
  assert.match(condition(said, 'KeyAccepted')?.message ?? '', /b-2/)
  await world.until('b-2', 'the newer has it', (one) => condition(one, 'KeyAccepted')?.reason === 'HashGiven')
  await cluster.api.delete(broadcasts, { namespace: world.namespace, name: 'b-2' })
  await world.until('b-1', 'it is alone', (one) => condition(one, 'KeyAccepted')?.reason === 'HashGiven')
})

test('an ingest Pod whose node is lost has lost its encoder, once the stream is silent', async (t) => {
  const world = await startWorld(t, cluster, 'node-lost')
  const { namespace } = world
  await world.create('b-1')
  const connectedAt = new Date(Date.now() - 60_000).toISOString()
  await connectEncoder(cluster.api, namespace, 'b-1', { connectedAt })
  await world.until('b-1', 'it has its Pod', (one) => isTrue(one, 'PodAssigned'))
  const ingest = await eventually('ingest runs', async () =>
    (await listPods(cluster.api, namespace, `${labels.component}=ingest`)).find(answers),
  )
  const conditions = [
    { type: 'Ready', status: 'False' },
    { type: 'ContainersReady', status: 'True' },
  ]
  const address = { namespace, name: ingest.metadata.name, subresource: 'status' }
  await cluster.api.patch(pods, address, { type: 'strategic', body: { status: { conditions } } })
  await world.until('b-1', 'its encoder is gone', (one) => one.status?.publisher?.disconnectedAt !== undefined)
})
