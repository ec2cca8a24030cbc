import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { refusalOf } from '@mytaek1/platform/kubernetes/error.ts'
import { eventually } from './eventually.ts'

const admission = '/apis/admissionregistration.k8s.io/v1'
const metadata = { name: 'refuses' }

/** Has the apiserver refuse every new Broadcast with this title in these words; resolves when it does. */
export async function refuseBroadcasts(
  api: KubernetesApi,
  { namespace, title, message }: { namespace: string; title: string; message: string },
): Promise<void> {
  const create = (path: string, body: object, query = {}) => api.call({ method: 'POST', path, body, query })
  const resourceRules = [
    { apiGroups: [liveApi.group], apiVersions: ['*'], operations: ['CREATE'], resources: [liveApi.broadcasts] },
  ]
  const validations = [{ expression: `object.spec.title != '${title}'`, message, reason: 'Forbidden' }]
  const policy = { metadata, spec: { matchConstraints: { resourceRules }, validations } }
  const binding = { metadata, spec: { policyName: metadata.name, validationActions: ['Deny'] } }
  await create(`${admission}/validatingadmissionpolicies`, policy)
  await create(`${admission}/validatingadmissionpolicybindings`, binding)
  const spec = { title, seller: 'acc_any', streamKey: { sha256: 'a'.repeat(64) } }
  const body = { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name: 'asked' }, spec }
  const path = `/apis/${liveApi.apiVersion}/namespaces/${namespace}/${liveApi.broadcasts}`
  const isRefused = () => create(path, body, { dryRun: 'All' }).then(() => undefined, refusalOf)
  await eventually('the policy refuses', isRefused)
}
