/** Yesterday's operator against tomorrow's objects: what it cannot read exists, and lives on. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { pathOf, broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { z } from 'zod'
import { connectEncoder, eventually, startTestCluster, type TestCluster } from './testing/cluster.ts'
import { condition, startWorld, type World } from './testing/world.ts'

const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/broadcasts.${liveApi.group}`
const rawShape = z.looseObject({
  metadata: z.looseObject({ finalizers: z.array(z.string()).default([]) }),
  spec: z.looseObject({}),
  status: z.looseObject({
    podName: z.string().optional(),
    phase: z.string().optional(),
    conditions: z
      .array(z.looseObject({ type: z.string(), reason: z.string(), message: z.string().default('') }))
      .default([]),
  }),
})

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
  await letTomorrowIn()
})
after(() => cluster.stop())

/** The definition as a later version has it: it takes more. */
async function letTomorrowIn(): Promise<void> {
  const { api } = cluster
  const body = {
    spec: {
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.status.podName' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              'x-kubernetes-preserve-unknown-fields': true,
              properties: {
                status: {
                  type: 'object',
                  'x-kubernetes-preserve-unknown-fields': true,
                  properties: {
                    podName: { type: 'string' },
                    conditions: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['type'],
                      items: {
                        type: 'object',
                        required: ['type'],
                        'x-kubernetes-preserve-unknown-fields': true,
                        properties: { type: { type: 'string' } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      ],
    },
  }
  await api.call({ method: 'PATCH', path: definition, contentType: 'application/merge-patch+json', body })
}

const read = async ({ namespace }: World, name: string) =>
  rawShape.parse(await cluster.api.call({ method: 'GET', path: pathOf(broadcasts, { namespace, name }) }))
const change = ({ namespace }: World, name: string, body: object) =>
  cluster.api.call({
    method: 'PATCH',
    path: pathOf(broadcasts, { namespace, name }),
    contentType: 'application/merge-patch+json',
    body,
  })
async function tomorrowSays(world: World, name: string, spec: object): Promise<void> {
  await eventually('the later definition is in force', async () => {
    await change(world, name, { spec }).catch(() => undefined)
    const now: Record<string, unknown> = (await read(world, name)).spec
    return Object.entries(spec).every(([field, value]) => isDeepStrictEqual(now[field], value)) ? true : undefined
  })
}
const saysUnreadable = (world: World, name: string, what: RegExp) =>
  eventually(`${name} says that it is not read`, async () => {
    const { status } = await read(world, name)
    return status.conditions.find(({ type, message }) => type === 'Readable' && what.test(message))
  })

for (const [what, spec, word] of [
  ['a latency that it does not know', { latency: 'Turbo' }, /spec\.latency/],
  ['a state that it does not know', { state: 'Paused' }, /spec\.state/],
  ['a title of another shape', { title: { ko: '코트', en: 'Coats' } }, /spec\.title/],
] as const) {
  test(`a live Broadcast with ${what} keeps its Pod over a restart, and says so`, async (t) => {
    const world = await startWorld(t, cluster, `tomorrow-${Object.keys(spec).join()}`)
    const live = await world.goLive('b-1')
    const [pod] = await world.streamPods()
    assert.ok(pod)
    await tomorrowSays(world, 'b-1', spec)
    await world.restart()
    const said = await saysUnreadable(world, 'b-1', word)
    assert.equal(said.reason, 'Unreadable')
    await eventually('it is told as an Event', async () =>
      (await world.events('b-1')).includes('Unreadable') ? true : undefined,
    )
    const [kept, ...others] = await world.streamPods()
    assert.deepEqual(
      [kept?.metadata.uid, kept?.metadata.deletionTimestamp, others.length],
      [pod.metadata.uid, undefined, 0],
    )
    const { status } = await read(world, 'b-1')
    assert.equal(status.podName, live.status?.podName, 'what viewers are routed by stays')

    await change(world, 'b-1', { spec: { title: 'Coats', latency: 'Low', state: 'Open' } })
    await eventually('it is read again', async () => {
      const now = await read(world, 'b-1')
      return now.status.conditions.some(({ type }) => type === 'Readable') ? undefined : true
    })
    assert.equal((await world.streamPods())[0]?.metadata.uid, pod.metadata.uid)
  })
}

test('what this version need not know does not hold an encoder up', async (t) => {
  const world = await startWorld(t, cluster, 'tomorrow-harmless')
  await world.create('b-1', { latency: 'Turbo' })
  await connectEncoder(cluster.api, world.namespace, 'b-1')
  await world.until('b-1', 'it has its Pod', (one) => condition(one, 'PodAssigned')?.status === 'True')
})

test('an unreadable Broadcast can be deleted, with its Pod', async (t) => {
  const world = await startWorld(t, cluster, 'tomorrow-deleted')
  await world.goLive('b-1')
  await tomorrowSays(world, 'b-1', { title: { ko: '코트' } })
  await saysUnreadable(world, 'b-1', /title/)
  await cluster.api.call({ method: 'DELETE', path: pathOf(broadcasts, { namespace: world.namespace, name: 'b-1' }) })
  await eventually('it is gone', async () => {
    try {
      await read(world, 'b-1')
      return undefined
    } catch (error) {
      return isNotFound(error) ? true : undefined
    }
  })
  assert.equal((await world.streamPods()).length, 0)
})

test('a Pod whose Broadcast the cache lacks is not an orphan while the apiserver has it', async (t) => {
  const world = await startWorld(t, cluster, 'not-gone')
  await world.goLive('b-1')
  // As a cache that is wrong, or one of a version that does not see the object.
  world.operator.caches.broadcasts.store.delete(`${world.namespace}/b-1`)
  const [pod] = await world.streamPods()
  assert.ok(pod)
  await world.kubelet.touch(pod)
  await eventually('the Pod was looked at', () => {
    const seen = world.operator.caches.pods.store.get(`${world.namespace}/${pod.metadata.name}`)
    return seen?.metadata.annotations['touched'] === 'true' ? true : undefined
  })
  await world.create('b-2')
  await world.until('b-2', 'others are served meanwhile', (one) => one.status?.phase === 'Open')
  const kept = (await world.streamPods()).find(({ metadata }) => metadata.uid === pod.metadata.uid)
  assert.ok(kept && kept.metadata.deletionTimestamp === undefined, JSON.stringify(kept))
})
