import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isMadeByHelm } from './made-by-helm.ts'
import { makeNamespace, startTestCluster, type TestCluster } from './testing/cluster.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startTestCluster()
})
after(() => cluster?.stop())

const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
const makers: [manager: string, annotations: Record<string, string>, isHelm: boolean][] = [
  ['helm', {}, true],
  ['helm-controller', {}, true], // Flux
  ['terraform-provider-helm_v3.1.0_x5', {}, true],
  ['kubectl-client-side-apply', applied, false],
  ['kubectl-create', {}, false],
  ['argocd-controller', {}, false],
  ['kustomize-controller', {}, false],
  // Helm's own, over which somebody applied what Helm had rendered
  ['helm', applied, false],
]
for (const [i, [manager, annotations, isHelm]] of makers.entries()) {
  test(`a Job of ${manager}${annotations === applied ? ', applied' : ''} is ${isHelm ? '' : 'not '}Helm's`, async () => {
    const namespace = await makeNamespace(cluster.api, `uninstalling-${i}`)
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } }
    await cluster.api.call({
      method: 'POST',
      path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
      query: { fieldManager: manager },
      body: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'uninstall', annotations }, spec },
    })
    assert.equal(await isMadeByHelm({ api: cluster.api, namespace, job: 'uninstall' }), isHelm)
  })
}

test('a Job that cannot be read is nobody’s word', () =>
  assert.rejects(isMadeByHelm({ api: cluster.api, namespace: 'default', job: 'none' }), /404|not found/i))
