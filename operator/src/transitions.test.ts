/**
 * Transitions as Acto drives them: generated ways through a broadcast's specs and circumstances on a real apiserver. What
 * a way ends in must equal what a fresh object with the same last spec and circumstances becomes, and every object must be
 * deletable from there within 30 s.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { Registry } from 'prom-client'
import { liveApi, streamKeyLabel, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { pods } from './kubernetes/api.ts'
import { startOperator, type Operator } from './operator.ts'
import {
  FakeKubelet,
  broadcastBody,
  connectEncoder,
  eventually,
  keyHashOf,
  listPods,
  makeIngestPod,
  makeNamespace,
  reportStream,
  startTestCluster,
  testLog,
  testTemplate,
  type TestCluster,
} from './testing/cluster.ts'

const ways = 72
const stepsPerWay = 7
const parallelWays = 8
const namespace = 'transitions'

let cluster: TestCluster
let kubelet: FakeKubelet
let operator: Operator
before(async () => {
  cluster = await startTestCluster()
  const { api } = cluster
  await makeNamespace(api, namespace)
  kubelet = new FakeKubelet(api, namespace)
  await makeIngestPod(api, namespace)
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', labels: { [streamKeyLabel]: 'true' } },
    stringData: { streamKey: 'k' },
  }
  await api.call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/secrets`, body: secret })
  const spec = { min: 0, max: 1_000, buffer: 3, refillPerSecond: 20 }
  const body = { apiVersion: liveApi.apiVersion, kind: 'MediaPool', metadata: { name: 'default', namespace }, spec }
  await api.create(mediaPools, { namespace }, body)
  operator = startOperator({
    api,
    namespace,
    podName: 'operator-0',
    leaseName: 'operator',
    leaseSeconds: 30, // a slow machine must not change leaders in between
    template: testTemplate,
    publicHttpUrl: 'http://127.0.0.1:8080',
    lingerMs: 0,
    workers: 8,
    registry: new Registry(),
    log: testLog(),
  })
})
after(async () => {
  await operator.stop()
  await kubelet.stop()
  await cluster.stop()
})

/** The last word of everyone but the operator. */
interface Circumstances {
  spec: Record<string, unknown>
  publisher: 'none' | 'connected' | 'disconnected'
  stream: 'silent' | 'playing' | 'interrupted' | 'ended'
}

type Step =
  | { do: 'spec'; patch: Record<string, unknown> }
  | { do: 'publisher'; to: 'connected' | 'disconnected' }
  | { do: 'stream'; to: 'playing' | 'interrupted' | 'ended' }
  | { do: 'failPod' }
  | { do: 'deletePod' }

const specStep = fc
  .oneof(
    fc.record({ title: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }) }),
    fc.record({ latency: fc.constantFrom('Low', 'Ultra') }),
    fc.record({ recording: fc.boolean() }),
    fc.record({ dvrWindow: fc.constantFrom('1m', '10m', '1h30m', '6h') }),
    fc.record({ reconnectWindow: fc.constantFrom('10m', '30m') }),
    fc.record({
      ladder: fc.uniqueArray(
        fc.record({ height: fc.constantFrom(360, 480, 720), bitrateBps: fc.integer({ min: 100_000, max: 3_000_000 }) }),
        {
          maxLength: 3,
          selector: ({ height }) => height,
        },
      ),
    }),
    fc.record({
      streamKey: fc.constantFrom(
        { sha256: 'b'.repeat(64), secretRef: null },
        { sha256: 'c'.repeat(64), secretRef: null },
        { sha256: null, secretRef: { name: 'key', key: 'streamKey' } },
        { sha256: null, secretRef: { name: 'absent', key: 'streamKey' } },
      ),
    }),
  )
  .map((patch): Step => ({ do: 'spec', patch }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: specStep },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'spec', patch: { state: 'Ended' } }) },
  { weight: 3, arbitrary: fc.constantFrom('connected', 'disconnected').map((to): Step => ({ do: 'publisher', to })) },
  { weight: 3, arbitrary: fc.constantFrom('playing', 'interrupted').map((to): Step => ({ do: 'stream', to })) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'failPod' }, { do: 'deletePod' }) },
)

test(`${ways * stepsPerWay} generated transitions end where a fresh object with the same spec does, and all can be deleted`, async () => {
  const seed = Number(process.env['SEED'] ?? 1) // the same ways in each run; others by others
  const all = fc.sample(fc.array(step, { minLength: stepsPerWay, maxLength: stepsPerWay }), { numRuns: ways, seed })
  const queue = all.map((steps, index) => ({ steps, index }))
  const next = async (): Promise<void> => {
    for (let way = queue.shift(); way; way = queue.shift()) await walk(way.index, way.steps, seed)
  }
  await Promise.all(Array.from({ length: parallelWays }, next))
})

// A lost encoder's way to its end: the reconnect window of 60 s, then viewers' 30 s to read the playlist's end.
const convergeDeadlineMs = 300_000

async function walk(index: number, steps: readonly Step[], seed: number): Promise<void> {
  const { api } = cluster
  const name = `way-${index}`
  const told = JSON.stringify({ seed, steps })
  const end: Circumstances = { spec: {}, publisher: 'none', stream: 'silent' }
  await api.create(broadcasts, { namespace }, broadcastBody(namespace, name))
  let hasPodFailed = false
  for (const one of steps) {
    // A Pod that fails twice in a row makes the operator wait on purpose; that is not what is tested here.
    const isPodStep = one.do === 'failPod' || one.do === 'deletePod'
    if (isPodStep && hasPodFailed) continue
    hasPodFailed ||= isPodStep
    await take(name, one, end)
  }
  const fresh = `fresh-${index}`
  await api.create(broadcasts, { namespace }, broadcastBody(namespace, fresh, withoutNulls(end.spec)))
  if (end.publisher !== 'none') await take(fresh, { do: 'publisher', to: 'connected' }, structuredClone(end))
  if (end.publisher === 'disconnected') {
    await eventually('the fresh one has its Pod', async () => {
      const { status } = await read(fresh)
      const needsNone = status?.phase === 'Ended' || status?.phase === 'Failed'
      return status?.podUID !== undefined || needsNone ? true : undefined
    })
    await take(fresh, { do: 'publisher', to: 'disconnected' }, structuredClone(end))
  }
  if (end.stream !== 'silent') await take(fresh, { do: 'stream', to: end.stream }, structuredClone(end))

  let states: [object, object] = [{}, {}]
  const compare = async () => {
    states = [normal(await read(name)), normal(await read(fresh))]
    return JSON.stringify(states[0]) === JSON.stringify(states[1]) ? true : undefined
  }
  await eventually(`way ${told} ends as a fresh object`, compare, {
    deadlineMs: convergeDeadlineMs,
    state: () => states,
  })
  assert.deepEqual(states[0], states[1])

  const startedAt = performance.now()
  await Promise.all([name, fresh].map((one) => api.delete(broadcasts, { namespace, name: one })))
  await eventually(`way ${told} can be deleted`, async () =>
    (await isGone(name)) && (await isGone(fresh)) ? true : undefined,
  )
  assert.ok(performance.now() - startedAt < 30_000, `deletion took ${performance.now() - startedAt} ms after ${told}`)
  const left = (await listPods(api, namespace)).filter(({ metadata }) =>
    metadata.ownerReferences.some((owner) => owner.name === name),
  )
  assert.deepEqual(left, [])
}

async function take(name: string, one: Step, end: Circumstances): Promise<void> {
  const { api } = cluster
  switch (one.do) {
    case 'spec':
      end.spec = { ...end.spec, ...one.patch }
      await api.patch(broadcasts, { namespace, name }, { type: 'merge', body: { spec: one.patch } })
      return
    case 'publisher': {
      // A lost encoder was there before.
      const isNew = end.publisher === 'none' && one.to === 'disconnected'
      if (isNew) await connectEncoder(api, namespace, name)
      end.publisher = one.to
      const disconnectedAt = one.to === 'disconnected' ? new Date().toISOString() : null
      await connectEncoder(api, namespace, name, { disconnectedAt })
      return
    }
    case 'stream':
      end.stream = one.to
      await reportStream(api, namespace, name, one.to)
      return
    case 'failPod':
    case 'deletePod': {
      const { podName } = (await read(name)).status ?? {}
      const pod = kubelet.pods.find(({ metadata }) => metadata.name === podName)
      if (!pod) return
      const lost = (
        one.do === 'failPod' ? kubelet.fail(pod) : api.delete(pods, { namespace, name: pod.metadata.name })
      ).catch(ifGone)
      await lost
    }
  }
}

const read = (name: string) => cluster.api.get(broadcasts, { namespace, name })

// The object's own names and times are left out; whether a broadcast whose encoder is gone has a Pod depends on how long
// the encoder was there and on what happened to that Pod, so this is too. Its phase may be Failed (a lost key) instead of
// Interrupted; an ended one has none either way.
function normal({ metadata, status, spec }: Broadcast): object {
  const ownKey = keyHashOf(metadata.name)
  const isOwn = spec.streamKey.sha256 === ownKey
  // Many ways share a key; which of them is the newest is not what is tested here.
  const keyReason = spec.streamKey.secretRef ? 'SecretRead' : 'HashGiven'
  const isInterrupted = status?.publisher?.disconnectedAt !== undefined && status.phase !== 'Ended'
  return {
    spec: { ...spec, streamKey: isOwn ? 'its own' : spec.streamKey },
    phase: status?.phase,
    key: status?.streamKeySha256 === ownKey ? 'its own' : status?.streamKeySha256,
    hasPod: isInterrupted ? 'any' : status?.podUID !== undefined && status.podIP !== undefined,
    conditions: status?.conditions
      ?.filter(({ type }) => !(isInterrupted && type === 'PodAssigned'))
      .map(({ type, status: value, reason }) => `${type}=${value}/${reason === 'KeyShared' ? keyReason : reason}`)
      .sort(),
  }
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  const copy = (one: unknown): unknown =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one)
            .filter(([, field]) => field !== null)
            .map(([key, field]) => [key, copy(field)]),
        )
      : one
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copy(field)]))
}

async function isGone(name: string): Promise<boolean> {
  try {
    await read(name)
    return false
  } catch (error) {
    ifGone(error)
    return true
  }
}

function ifGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}
