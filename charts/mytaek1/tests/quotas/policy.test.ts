/** Sellers' limits, judged by a real apiserver alone: the chart's policy and its binding, nothing else. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { KubernetesError, refusalOf } from '@mytaek1/platform/kubernetes/error.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { startLocalApiserver, type LocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { plainSpec } from '../crds/corpus.ts'
import { find, renderChart, renderText } from '../helm.ts'

const broadcastsPath = (namespace = 'default') => `/apis/${liveApi.apiVersion}/namespaces/${namespace}/broadcasts`
const admission = '/apis/admissionregistration.k8s.io/v1'
const policyName = 'mytaek1-quotas-default'
const policyPath = `${admission}/validatingadmissionpolicies/${policyName}`
const bindingPath = `${admission}/validatingadmissionpolicybindings/${policyName}`
const isForbidden = (error: unknown) => error instanceof KubernetesError && error.status === 403
const rung = (height: number, bitrateBps = 1_000_000) => ({ height, bitrateBps })

/** Two sellers with limits of their own; everybody else has the defaults. */
const values = [
  'quotas.sellers.small.maxRungs=1,quotas.sellers.small.maxHeight=480,quotas.sellers.small.maxBitrateBps=1500000',
  'quotas.sellers.small.maxDvrWindow=30m,quotas.sellers.small.maxReconnectWindow=2m',
  'quotas.sellers.small.ultraLatency=false,quotas.sellers.small.recording=false',
  'quotas.sellers.out\\.now.open=false',
]

let server: LocalApiserver
let api: KubernetesApi

const create = (name: string, spec: object, options: { dryRun?: boolean; namespace?: string } = {}) =>
  api.call({
    method: 'POST',
    path: broadcastsPath(options.namespace),
    query: options.dryRun ? { dryRun: 'All' } : {},
    body: {
      apiVersion: liveApi.apiVersion,
      kind: 'Broadcast',
      metadata: { name },
      spec: { ...plainSpec, seller: 'small', ...spec },
    },
  })
const ask = (spec: object) => create('b-1', spec, { dryRun: true })
const change = (name: string, body: object) =>
  api.call({
    method: 'PATCH',
    path: `${broadcastsPath()}/${name}`,
    contentType: 'application/merge-patch+json',
    body,
  })
const post = (path: string, body: object) => api.call({ method: 'POST', path, body })
const installPolicy = async (objects: Awaited<ReturnType<typeof renderChart>>) => {
  await post(path.dirname(policyPath), find(objects, 'ValidatingAdmissionPolicy', policyName))
  await post(path.dirname(bindingPath), find(objects, 'ValidatingAdmissionPolicyBinding', policyName))
}
const upgradePolicy = async (...more: string[]) => {
  const { spec } = find(await renderChart(...values, ...more), 'ValidatingAdmissionPolicy', policyName)
  await api.call({ method: 'PATCH', path: policyPath, contentType: 'application/merge-patch+json', body: { spec } })
}

/** The apiserver follows policies and their parameters by watches of its own. */
async function soon(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000
  while (!(await check())) {
    assert.ok(Date.now() < deadline, `not within three minutes: ${what}`)
    await sleep(100)
  }
}
const isRefused = (spec: object) =>
  ask(spec).then(
    () => false,
    (error: unknown) => refusalOf(error) !== undefined,
  )

before(async () => {
  server = await startLocalApiserver()
  api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
  const objects = await renderChart(...values)
  const definition = find(objects, 'CustomResourceDefinition', 'broadcasts.live.mytaek1.dev')
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } })
  await installPolicy(objects)
  await soon('Broadcasts are served', () =>
    api.call({ method: 'GET', path: broadcastsPath() }).then(
      () => true,
      () => false,
    ),
  )
  await soon('the policy is in force', () => isRefused({ recording: true }))
})
after(() => server?.stop())

suite('a seller with limits', () => {
  const refused: [spec: object, says: RegExp][] = [
    [{ ladder: [rung(360), rung(240)] }, /seller small may have at most 1 rungs, not 2 \(quota maxRungs\)/],
    [{ ladder: [rung(720)] }, /seller small may have rungs of at most 480 lines/],
    [{ ladder: [rung(480, 1_500_001)] }, /seller small may have rungs of at most 1500000 bit\/s/],
    [{ dvrWindow: '31m' }, /seller small may have a dvrWindow of at most 30m, not 31m/],
    [{ reconnectWindow: '3m' }, /seller small may have a reconnectWindow of at most 2m, not 3m/],
    [{ latency: 'Ultra' }, /seller small may not use latency Ultra/],
    [{ recording: true }, /seller small may not record/],
    [{ seller: 'out.now' }, /seller out\.now may not open broadcasts/],
  ]
  for (const [spec, says] of refused) {
    test(`is refused ${JSON.stringify(spec)}, and told by which limit`, () =>
      assert.rejects(ask(spec), (error) => isForbidden(error) && says.test(String(error))))
  }

  test('may go up to each of them', async () => {
    await ask({ ladder: [rung(480, 1_500_000)], dvrWindow: '30m', reconnectWindow: '120s', latency: 'Low' })
    await ask({})
    await ask({ ladder: [] })
  })
})

suite('the limits', () => {
  test('that the chart brings allow everybody else all that a Broadcast can say', async () => {
    const ladder = [2160, 1080, 720, 480, 360, 240].map((height) => rung(height, 20_000_000))
    const spec = { ladder, dvrWindow: '6h', reconnectWindow: '30m', latency: 'Ultra', recording: true }
    for (const seller of ['big', 'out', 'now', 'small.er']) await ask({ seller, ...spec })
  })

  test('hold in the release’s namespace and in no other', async () =>
    void (await create('b-1', { recording: true }, { dryRun: true, namespace: 'elsewhere' })))

  test('that are lowered stop no broadcast: it is labelled, finalized and ended, but asks for no more', async () => {
    await create('long', { seller: 'fourth', dvrWindow: '2h' })
    await upgradePolicy('quotas.sellers.fourth.maxDvrWindow=1h,quotas.sellers.fourth.open=false')
    await soon('the new limit is in force', () => isRefused({ seller: 'fourth' }))
    await change('long', { metadata: { labels: { a: 'b' }, finalizers: ['live.mytaek1.dev/stream'] } })
    await assert.rejects(change('long', { spec: { dvrWindow: '3h' } }), /at most 1h, not 3h/)
    await change('long', { spec: { dvrWindow: '30m' } })
    await change('long', { spec: { state: 'Ended' } })
    await change('long', { metadata: { finalizers: null } })
  })

  test('that are uninstalled and installed again hold as before, and let in what they allow', async () => {
    await api.call({ method: 'DELETE', path: bindingPath })
    await api.call({ method: 'DELETE', path: policyPath })
    await soon('no limit is left', async () => !(await isRefused({ recording: true })))
    await installPolicy(await renderChart(...values))
    await soon('the limits are back', () => isRefused({ recording: true }))
    await ask({})
    await ask({ seller: 'big', recording: true })
  })

  test('are left out when switched off, and counted by a ResourceQuota when there is a number', async () => {
    assert.doesNotMatch(await renderText('quotas.enabled=false'), /quotas/)
    assert.doesNotMatch(await renderText(), /kind: ResourceQuota/)
    const quota = find(await renderChart('quotas.maxBroadcasts=500'), 'ResourceQuota', 'mytaek1-quotas')
    assert.deepEqual(quota.spec, { hard: { 'count/broadcasts.live.mytaek1.dev': '500' } })
    await api.call({
      method: 'POST',
      path: '/api/v1/namespaces/elsewhere/resourcequotas',
      query: { dryRun: 'All' },
      body: quota,
    })
  })

  test('of nonsense are refused by the schema', async () => {
    await assert.rejects(renderText('quotas.sellers.a.maxRungs=7'), /maxRungs/)
    await assert.rejects(renderText('quotas.default.maxDvrWindow=forever'), /maxDvrWindow/)
    await assert.rejects(renderText('quotas.default.colour=red'), /colour/)
    await assert.rejects(renderText('quotas.default.open=null'), /open/)
  })
})
