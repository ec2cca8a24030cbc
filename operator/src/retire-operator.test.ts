import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { leases } from '@mytaek1/platform/kubernetes/lease.ts'
import { retireOperator } from './retire-operator.ts'
import { eventually, makeNamespace, startTestCluster, type TestCluster } from './testing/cluster.ts'

const name = 'mytaek1-operator'
const selector = { app: 'operator' }
const container = { name: 'operator', image: 'operator' }

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster?.stop())

const post = (path: string, body: object) => cluster.api.call({ method: 'POST', path, body })
const leaseExists = (namespace: string) =>
  cluster.api.get(leases, { namespace, name }).then(
    () => true,
    (error: unknown) => !isNotFound(error),
  )

test('the Lease goes only after the last Pod of the operator', async () => {
  const namespace = await makeNamespace(cluster.api, 'retiring')
  const metadata = { name, labels: selector }
  const template = { metadata: { labels: selector }, spec: { containers: [container] } }
  const spec = { replicas: 2, selector: { matchLabels: selector }, template }
  const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments`
  await post(deploymentPath, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  const podPath = `/api/v1/namespaces/${namespace}/pods`
  await post(podPath, { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec })
  await post(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity: 'a' },
  })

  const retired = retireOperator({ api: cluster.api, namespace, deployment: name, lease: name, deadlineMs: 300_000 })
  await eventually('the Deployment is scaled to nothing', async () => {
    const held = (await cluster.api.call({ method: 'GET', path: `${deploymentPath}/${name}` })) as typeof template & {
      spec: { replicas: number }
    }
    return held.spec.replicas === 0 ? true : undefined
  })
  assert.equal(await leaseExists(namespace), true)
  await cluster.api.call({ method: 'DELETE', path: `${podPath}/${name}`, body: { gracePeriodSeconds: 0 } })
  await retired
  assert.equal(await leaseExists(namespace), false)
})

test('nothing to retire is no error', async () => {
  const namespace = await makeNamespace(cluster.api, 'empty')
  await retireOperator({ api: cluster.api, namespace, deployment: name, lease: name, deadlineMs: 1_000 })
})
