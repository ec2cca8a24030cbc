/** A Pod that waits, on a real apiserver: how it hears of its Broadcast, and of its loss, in the first moments and later. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { find, renderChart } from '../../../../charts/mytaek1/tests/helm.ts'
import { startLocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { hashStreamKey } from '../../ingest/key-table.ts'
import { broadcastAssignment } from './broadcast-assignment.ts'

const namespace = 'default'
const log = createLogger({ service: 'test', level: 'error' })
let server: Awaited<ReturnType<typeof startLocalApiserver>>
let api: KubernetesApi

before(async () => {
  server = await startLocalApiserver()
  api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
  const definition = find(await renderChart(), 'CustomResourceDefinition', 'broadcasts.live.mytaek1.dev')
  await api.call({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: definition })
})
after(async () => {
  api.close()
  await server.stop()
})

async function create(name: string): Promise<void> {
  const spec = { title: 't', seller: 's', streamKey: { sha256: hashStreamKey('key').toString('hex') }, ladder: [] }
  const body = { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name }, spec }
  const deadline = Date.now() + 120_000 // the definition is served soon
  while (!(await api.create(broadcasts, { namespace }, body).catch(() => undefined)))
    assert.ok(Date.now() < deadline, 'the Broadcast is never taken')
}

const nameIn = (name: string, podName: string | null) =>
  api.patch(broadcasts, { namespace, name, subresource: 'status' }, { type: 'merge', body: { status: { podName } } })

/** A Pod that follows, and a promise of each state that it is told. */
async function startPod(podName: string, followMs: number) {
  const told = new Map(['open', 'moved', 'ended'].map((state) => [state, Promise.withResolvers<string>()]))
  const pod = broadcastAssignment({ api, namespace, podName, log, followMs })
  pod.subscribe(({ state, broadcast }) => told.get(state)?.resolve(broadcast))
  await pod.synced
  return { pod, until: (state: 'open' | 'moved' | 'ended') => told.get(state)?.promise }
}

const losses: readonly [how: string, lose: (name: string) => Promise<unknown>][] = [
  ['is deleted', (name) => api.delete(broadcasts, { namespace, name })],
  ['names another Pod', (name) => nameIn(name, 'another')],
  ['names none', (name) => nameIn(name, null)],
]

for (const [index, [how, lose]] of losses.entries())
  for (const [when, followMs] of [
    ['in its first moments', 60_000],
    ['as soon as it follows it by name', 0],
  ] as const)
    test(`a Pod is told that its Broadcast ${how}, ${when}`, { timeout: 300_000 }, async (t) => {
      const [name, podName] = [`b-${index}-${followMs}`, `pod-${index}-${followMs}`]
      const { pod, until } = await startPod(podName, followMs)
      t.after(() => pod.close())
      await create(name)
      await nameIn(name, podName)
      assert.equal(await until('open'), name)
      await lose(name)
      assert.equal(await until('moved'), name)
      assert.ok(pod.isGone(), 'it is ready for no other')
    })

test('a Pod hears of the end of its Broadcast', { timeout: 300_000 }, async (t) => {
  const { pod, until } = await startPod('pod-end', 0)
  t.after(() => pod.close())
  await create('b-end')
  await nameIn('b-end', 'pod-end')
  await until('open')
  await api.patch(broadcasts, { namespace, name: 'b-end' }, { type: 'merge', body: { spec: { state: 'Ended' } } })
  assert.equal(await until('ended'), 'b-end')
  assert.equal(pod.isGone(), false, 'its viewers still have it')
})
