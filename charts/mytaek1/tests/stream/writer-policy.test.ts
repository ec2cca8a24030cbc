/** Which stream Pod may write what, judged by a real apiserver: the chart's Role and policy, tokens made for Pods. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { KubernetesError, refusalOf } from '@mytaek1/platform/kubernetes/error.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { startLocalApiserver, type LocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { plainSpec } from '../crds/corpus.ts'
import { find, renderChart } from '../helm.ts'

const admission = '/apis/admissionregistration.k8s.io/v1'
const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const broadcastsPath = `/apis/${liveApi.apiVersion}/namespaces/default/broadcasts`
const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const account = 'mytaek1-stream'
const tokenShape = z.object({ status: z.object({ token: z.string() }) })
const kubeconfigShape = z.looseObject({ users: z.array(z.looseObject({ user: z.record(z.string(), z.unknown()) })) })

let server: LocalApiserver
let admin: KubernetesApi
const open: KubernetesApi[] = []
const post = (where: string, body: object) => admin.call({ method: 'POST', path: where, body })
const patchStatus = (api: KubernetesApi, name: string, status: object) =>
  api.call({
    method: 'PATCH',
    path: `${broadcastsPath}/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  })
const writeLease = (api: KubernetesApi, name: string) =>
  api.call({
    method: 'PATCH',
    path: `${leasesPath}/${name}`,
    query: { fieldManager: 'stream', force: true },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name },
      spec: { holderIdentity: name, leaseDurationSeconds: 25 },
    },
  })
const isRefused = (error: unknown) => error instanceof KubernetesError && error.status === 403
const notYet = (error: unknown): boolean => {
  if (!isRefused(error)) throw error
  return false
}

/** The API as a stream Pod's process has it: with a token of the ServiceAccount that names the Pod. */
async function asPod(name: string): Promise<KubernetesApi> {
  const spec = { serviceAccountName: account, containers: [{ name: 'stream', image: 'media' }] }
  const pod = z
    .object({ metadata: z.object({ uid: z.string() }) })
    .parse(await post('/api/v1/namespaces/default/pods', { metadata: { name }, spec }))
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid: pod.metadata.uid }
  const answer = await post(`/api/v1/namespaces/default/serviceaccounts/${account}/token`, { spec: { boundObjectRef } })
  const { token } = tokenShape.parse(answer).status
  const kubeconfig = kubeconfigShape.parse(parse(await readFile(server.kubeconfigPath, 'utf8')))
  for (const user of kubeconfig.users) user.user = { token }
  const file = path.join(server.folder, `${name}.yaml`)
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 })
  const api = await connectPatiently({ kubeconfig: file })
  await rm(file)
  open.push(api)
  return api
}

/** The apiserver follows Roles and policies by watches of its own: what they let in and what they refuse comes some time later. */
async function soon(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000
  while (!(await check())) {
    assert.ok(Date.now() < deadline, `not within three minutes: ${what}`)
    await sleep(100)
  }
}

before(async () => {
  server = await startLocalApiserver()
  admin = await connectPatiently({ kubeconfig: server.kubeconfigPath })
  const objects = await renderChart()
  const definition = find(objects, 'CustomResourceDefinition', 'broadcasts.live.mytaek1.dev')
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
  await post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: account } })
  await post(`${rbac}/roles`, { ...find(objects, 'Role', account), metadata: { name: account } })
  await post(`${rbac}/rolebindings`, { ...find(objects, 'RoleBinding', account), metadata: { name: account } })
  const name = `${account}-default`
  await post(`${admission}/validatingadmissionpolicies`, find(objects, 'ValidatingAdmissionPolicy', name))
  const binding = find(objects, 'ValidatingAdmissionPolicyBinding', name)
  await post(`${admission}/validatingadmissionpolicybindings`, binding)
  const isServed = () =>
    admin.call({ method: 'GET', path: broadcastsPath }).then(
      () => true,
      () => false,
    )
  await soon('Broadcasts are served', isServed)
  const seller = { apiVersion: liveApi.apiVersion, kind: 'Broadcast', spec: plainSpec }
  for (const [broadcast, podName] of [
    ['mine', 'stream-1'],
    ['other', 'stream-2'],
  ] as const) {
    await post(broadcastsPath, { ...seller, metadata: { name: broadcast } })
    await patchStatus(admin, broadcast, { podName, podIP: '10.0.0.1', streamKeySha256: 'a'.repeat(64) })
  }
})
after(async () => {
  for (const api of open) api.close()
  admin.close()
  await server.stop()
})

test('a stream Pod writes of the Broadcast that names it, and of no other', async () => {
  const api = await asPod('stream-1')
  const closed = (name: string) => patchStatus(api, name, { recording: { state: 'Closed' } })
  await soon('the Role is in force', () => closed('mine').then(() => true, notYet))
  await soon('the policy is in force', () =>
    closed('other').then(
      () => false,
      (error: unknown) => refusalOf(error) !== undefined || notYet(error),
    ),
  )
  await patchStatus(api, 'mine', { recording: { state: 'Recording' } })
  await assert.rejects(closed('other'), isRefused)
})

test('not what the operator and ingest say, not even of its own', async () => {
  const api = await asPod('stream-2')
  await patchStatus(api, 'other', { recording: { state: 'Closed' } })
  for (const status of [
    { podName: 'stream-9' },
    { podIP: '10.6.6.6' },
    { streamKeySha256: 'b'.repeat(64) },
    { endedAt: '2026-01-01T00:00:00Z' },
    { publisher: { sessionId: 's', ingestPod: 'i', connectedAt: '2026-01-01T00:00:00Z' } },
  ])
    await assert.rejects(patchStatus(api, 'other', status), isRefused, JSON.stringify(status))
})

test("it renews the Lease of its own name, and not the operator's", async () => {
  const api = await asPod('stream-3')
  await writeLease(api, 'stream-3')
  await writeLease(api, 'stream-3')
  await assert.rejects(writeLease(api, 'mytaek1-operator'), isRefused)
})

test('others are not touched by the policy', async () => {
  await patchStatus(admin, 'mine', { podName: 'stream-7' })
  await writeLease(admin, 'mytaek1-operator')
})
