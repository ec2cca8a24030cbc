import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { broadcastFinalizer, labels, streamKeyLabel } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pods, type Pod } from './kubernetes/api.ts'
import {
  broadcastBody,
  connectEncoder,
  eventually,
  keyHashOf,
  reportStream,
  startTestCluster,
  testTemplate,
  type TestCluster,
} from './testing/cluster.ts'
import { condition, isTrue, startTestOperator, startWorld } from './testing/world.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster.stop())

const world = (t: Parameters<typeof startWorld>[0], namespace: string, pool?: object) =>
  startWorld(t, cluster, namespace, pool)
const create = (namespace: string, name: string, spec?: Record<string, unknown>) =>
  cluster.api.create(broadcasts, { namespace }, broadcastBody(namespace, name, spec))

test('an open broadcast has its key, no finalizer and no Pod', async (t) => {
  const { namespace, until, streamPods } = await world(t, 'open')
  await create(namespace, 'b-1')
  const seen = await until('b-1', 'the status is written', (one) => one.status?.phase === 'Open')
  assert.equal(seen.status?.streamKeySha256, keyHashOf('b-1'))
  assert.equal(seen.status?.observedGeneration, 1)
  assert.equal(condition(seen, 'Ready')?.reason, 'WaitingForEncoder')
  assert.equal(seen.metadata.finalizers, undefined, 'its deletion waits for nobody')
  assert.equal((await streamPods()).length, 0)
})

test('without a pool an encoder gets a Pod of its own, and the broadcast is Ready once it plays', async (t) => {
  const { namespace, until, streamPods } = await world(t, 'cold')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  const assigned = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  const [pod, ...others] = await streamPods()
  assert.ok(pod)
  assert.equal(others.length, 0)
  assert.equal(assigned.status?.podName, pod.metadata.name)
  assert.equal(assigned.status?.podUID, pod.metadata.uid)
  assert.equal(assigned.status?.podIP, pod.status.podIP)
  assert.equal(assigned.status?.phase, 'Starting')
  assert.equal(pod.metadata.labels[labels.broadcast], 'b-1')
  assert.deepEqual(assigned.metadata.finalizers, [broadcastFinalizer])
  assert.deepEqual(pod.metadata.ownerReferences, [{ kind: 'Broadcast', name: 'b-1', uid: assigned.metadata.uid }])
  await reportStream(cluster.api, namespace, 'b-1', 'playing')
  const live = await until('b-1', 'it is Ready', (one) => isTrue(one, 'Ready'))
  assert.equal(live.status?.phase, 'Live')
  assert.equal(live.status?.playlistUrl, 'http://127.0.0.1:8080/hls/b-1/index.m3u8')
})

test('a deleted Pod comes back while the encoder is there', async (t) => {
  const { namespace, until, streamPods } = await world(t, 'comes-back')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  const before = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  await cluster.api.delete(pods, { namespace, name: before.status?.podName }, { gracePeriodSeconds: 0 })
  const after = await until(
    'b-1',
    'another Pod is assigned',
    (one) => isTrue(one, 'PodAssigned') && one.status?.podUID !== before.status?.podUID,
  )
  assert.notEqual(after.status?.podName, before.status?.podName)
  await eventually('one Pod is left', async () => ((await streamPods()).length === 1 ? true : undefined))
})

test('a Pod that failed is replaced and removed', async (t) => {
  const { namespace, until, streamPods, kubelet } = await world(t, 'fails')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  const before = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  const [pod] = await streamPods()
  assert.ok(pod)
  await kubelet.fail(pod)
  await until(
    'b-1',
    'another Pod is assigned',
    (one) => isTrue(one, 'PodAssigned') && one.status?.podUID !== before.status?.podUID,
  )
  await eventually('the failed Pod is gone', async () => ((await streamPods()).length === 1 ? true : undefined))
})

test('a warm Pod is adopted, labelled and owned, and the pool fills up again', async (t) => {
  const { namespace, until, streamPods, untilWarm } = await world(t, 'warm', {
    min: 0,
    max: 10,
    buffer: 2,
    refillPerSecond: 50,
  })
  const [first] = await untilWarm(2)
  const requested = (pod: Pod | undefined) =>
    [...(pod?.spec.containers ?? []), ...(pod?.spec.initContainers ?? [])].map(
      ({ resources }) => resources?.requests?.['cpu'],
    )
  assert.deepEqual(requested(first), ['20m', '5m'])
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  const assigned = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  const ofBroadcast = async () => (await streamPods()).find((pod) => pod.metadata.labels[labels.broadcast] === 'b-1')
  const adopted = await eventually('the Pod is labelled', ofBroadcast)
  assert.equal(adopted.metadata.name, assigned.status?.podName)
  assert.equal(adopted.metadata.ownerReferences[0]?.uid, assigned.metadata.uid)
  assert.equal(adopted.metadata.annotations['cluster-autoscaler.kubernetes.io/safe-to-evict'], 'false')
  await untilWarm(2)
  assert.equal((await streamPods()).length, 3)
  await eventually('the pool says so', async () => {
    const { status } = await cluster.api.get(mediaPools, { namespace, name: 'default' })
    return status?.warm === 2 && status.live === 1 ? true : undefined
  })
  await reportStream(cluster.api, namespace, 'b-1', 'playing')
  await eventually('the Pod got its full CPU', async () =>
    requested(await ofBroadcast()).join() === '500m,250m' ? true : undefined,
  )
})

test('an encoder that stays away longer than the window ends the broadcast', async (t) => {
  const { namespace, until } = await world(t, 'window')
  await create(namespace, 'b-1', { reconnectWindow: '1s' })
  await connectEncoder(cluster.api, namespace, 'b-1')
  await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  // by an ingest whose clock is an hour ahead, so that the window lasts until this was seen
  const gone = (afterMs: number) =>
    connectEncoder(cluster.api, namespace, 'b-1', { disconnectedAt: new Date(Date.now() + afterMs).toISOString() })
  await gone(3_600_000)
  const interrupted = await until('b-1', 'it is interrupted', (one) => one.status?.phase === 'Interrupted')
  assert.ok(interrupted.status?.podIP, 'the playlist stays where it is')
  await gone(0)
  const ended = await until('b-1', 'it ended', (one) => one.status?.phase === 'Ended')
  assert.ok(ended.status?.endedAt)
  assert.equal(condition(ended, 'Draining')?.status, 'True')
})

test('an encoder whose ingest Pod is gone counts as disconnected', async (t) => {
  const { namespace, until } = await world(t, 'ingest-gone')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1', {
    ingestPod: 'gone',
    connectedAt: new Date(Date.now() - 60_000).toISOString(),
  })
  const seen = await until('b-1', 'it is interrupted', (one) => one.status?.phase === 'Interrupted')
  assert.ok(seen.status?.publisher?.disconnectedAt)
})

test('the key of a Secret is found, and its absence said', async (t) => {
  const { namespace, until } = await world(t, 'secret')
  await create(namespace, 'b-1', { streamKey: { secretRef: { name: 'key', key: 'streamKey' } } })
  const without = await until('b-1', 'the key is missing', (one) => one.status?.phase === 'Failed')
  assert.equal(condition(without, 'KeyAccepted')?.reason, 'SecretNotFound')
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', labels: { [streamKeyLabel]: 'true' } },
    stringData: { streamKey: 'live-key' },
  }
  await cluster.api.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/secrets`, body: secret })
  const found = await until('b-1', 'the key is found', (one) => isTrue(one, 'KeyAccepted'))
  assert.equal(found.status?.streamKeySha256, createHash('sha256').update('live-key').digest('hex'))
  assert.equal(found.status?.phase, 'Open')
})

test('a deleted broadcast lets its Pod end the playlist, then both go', async (t) => {
  const { namespace, until, streamPods } = await world(t, 'deleted')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  await reportStream(cluster.api, namespace, 'b-1', 'playing')
  await cluster.api.delete(broadcasts, { namespace, name: 'b-1' })
  const ending = await until('b-1', 'it is told to end', (one) => one.status?.phase === 'Ended')
  assert.ok(ending.metadata.deletionTimestamp)
  assert.equal((await streamPods()).length, 1)
  await reportStream(cluster.api, namespace, 'b-1', 'ended')
  await eventually('it is gone', async () => {
    try {
      await cluster.api.get(broadcasts, { namespace, name: 'b-1' })
      return undefined
    } catch (error) {
      return isNotFound(error) ? true : undefined
    }
  })
  assert.equal((await streamPods()).length, 0)
})

test('a Pod whose broadcast vanished is collected', async (t) => {
  const { namespace, until, streamPods, operator } = await world(t, 'orphan')
  await create(namespace, 'b-1')
  await connectEncoder(cluster.api, namespace, 'b-1')
  await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  await operator.stop()
  await cluster.api.patch(
    broadcasts,
    { namespace, name: 'b-1' },
    { type: 'merge', body: { metadata: { finalizers: [] } } },
  )
  await cluster.api.delete(broadcasts, { namespace, name: 'b-1' })
  assert.equal((await streamPods()).length, 1)
  const successor = startTestOperator(cluster, namespace)
  t.after(() => successor.stop())
  await eventually('the Pod is gone', async () => ((await streamPods()).length === 0 ? true : undefined))
})

test('of a crowd one broadcast vanishes as soon as it has a Pod: that Pod goes too, and is no other broadcast’s', async (t) => {
  const { namespace, until, streamPods, untilWarm } = await world(t, 'vanish', {
    min: 0,
    max: 3,
    buffer: 3,
    refillPerSecond: 50,
  })
  const names = ['b-1', 'b-2', 'b-3']
  await untilWarm(3)
  for (const name of names) await create(namespace, name)
  for (const name of names) await until(name, 'it is open', ({ status }) => status?.phase === 'Open')
  await Promise.all(names.map((name) => connectEncoder(cluster.api, namespace, name)))
  const vanished = await until('b-1', 'a Pod is assigned', (one) => isTrue(one, 'PodAssigned'))
  await cluster.api.delete(broadcasts, { namespace, name: 'b-1' })
  await eventually('its Pod is gone', async () =>
    (await streamPods()).every(({ metadata }) => metadata.uid !== vanished.status?.podUID) ? true : undefined,
  )
  for (const name of ['b-2', 'b-3']) {
    const { metadata, status } = await until(
      name,
      'it has the finalizer',
      (one) => one.metadata.finalizers?.length === 1,
    )
    assert.notEqual(status?.podUID, vanished.status?.podUID, metadata.name)
  }
})

test('a Pod that a leader before chose and did not label goes with its broadcast, too', async (t) => {
  const { namespace, until, streamPods, untilWarm, operator, restart } = await world(t, 'heir', {
    min: 0,
    max: 2,
    buffer: 1,
    refillPerSecond: 50,
  })
  const [warm] = await untilWarm(1)
  assert.ok(warm)
  await create(namespace, 'b-1')
  await until('b-1', 'it is open', ({ status }) => status?.phase === 'Open')
  await operator.stop() // or it might say itself that it has ended, before its heir knows of it
  // as a leader leaves it that dies after the record; the broadcast is Ended, so that nobody labels the Pod any more
  const { name: podName, uid: podUID } = warm.metadata
  const record = {
    type: 'merge',
    body: { status: { podName, podUID, podIP: warm.status.podIP, endedAt: new Date().toISOString() } },
  } as const
  await cluster.api.patch(broadcasts, { namespace, name: 'b-1', subresource: 'status' }, record)
  await restart()
  await until('b-1', 'it has ended', ({ status }) => status?.phase === 'Ended')
  await cluster.api.delete(broadcasts, { namespace, name: 'b-1' })
  await eventually('its Pod is gone', async () =>
    (await streamPods()).every(({ metadata }) => metadata.uid !== podUID) ? true : undefined,
  )
})

test('a Pod that does not answer yet has a short time to go: it may not have heard that it is to', async (t) => {
  const { namespace, kubelet, streamPods } = await world(t, 'booting')
  const make = async (name: string) => {
    const metadata = { name, namespace, labels: { [labels.name]: 'mytaek1', [labels.component]: 'stream' } }
    const spec = { ...testTemplate.spec, nodeName: 'node-1', terminationGracePeriodSeconds: 300 }
    await cluster.api.create(pods, { namespace }, { apiVersion: 'v1', kind: 'Pod', metadata, spec })
  }
  await make('answers')
  await eventually('it answers', async () => (await streamPods()).find((pod) => pod.status.podIP !== undefined))
  kubelet.isUp = false
  await make('begins')
  for (const [name, graceSeconds] of [
    ['answers', 300],
    ['begins', 10],
  ] as const) {
    const body = { metadata: { labels: { [labels.broadcast]: 'vanished' } } }
    await cluster.api.patch(pods, { namespace, name }, { type: 'merge', body })
    const grace = await eventually(`${name} is deleted`, async () => {
      const pod = await cluster.api.call({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${name}` })
      return (pod as { metadata: { deletionGracePeriodSeconds?: number } }).metadata.deletionGracePeriodSeconds
    })
    assert.equal(grace, graceSeconds, name)
  }
})
