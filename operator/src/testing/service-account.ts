/** A ServiceAccount with the verbs of the chart's Role and no others, so that tests notice a missing one. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { eventually } from './cluster.ts'

const roleFile = path.resolve(import.meta.dirname, '../../../charts/mytaek1/templates/operator/role.yaml')
const ruleShape = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
})
const kubeconfigShape = z.looseObject({
  clusters: z.array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })),
})

/** The rules of the operator's Role as the chart has them. */
export async function chartRules(): Promise<z.infer<typeof ruleShape>[]> {
  const text = await readFile(roleFile, 'utf8')
  const rules = text.slice(text.indexOf('rules:'), text.indexOf('---'))
  return z.object({ rules: z.array(ruleShape) }).parse(parse(rules)).rules
}

/**
 * Makes the ServiceAccount `operator` in a namespace, bound to the chart's Role, and lays its token, CA and namespace into a
 * folder inside `folder` as kubelet does.
 * @param cluster the kubeconfig whose server and CA the process shall use
 * @returns the variables with which a process uses it
 */
export async function mountServiceAccount(
  cluster: { kubeconfigPath: string; folder: string },
  api: KubernetesApi,
  namespace: string,
): Promise<Record<string, string>> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const metadata = { name: 'operator', namespace }
  await post(api, `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata })
  const rules = await chartRules()
  await post(api, `${rbac}/roles`, { metadata, rules })
  await post(api, `${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'operator' },
    subjects: [{ kind: 'ServiceAccount', name: 'operator', namespace }],
  })
  await eventually('the Role is in force', () => isAllowed(api, namespace, rules))
  const answer = await post(api, `/api/v1/namespaces/${namespace}/serviceaccounts/operator/token`, {
    spec: { expirationSeconds: 86_400 },
  })
  const { token } = z.object({ status: z.object({ token: z.string() }) }).parse(answer).status
  const [first] = kubeconfigShape.parse(parse(await readFile(cluster.kubeconfigPath, 'utf8'))).clusters
  if (!first) throw new Error('the kubeconfig has no cluster')
  const folder = path.join(cluster.folder, `serviceaccount-${namespace}`)
  await mkdir(folder, { mode: 0o700 })
  await Promise.all([
    writeFile(path.join(folder, 'token'), token),
    writeFile(path.join(folder, 'ca.crt'), Buffer.from(first.cluster['certificate-authority-data'], 'base64')),
    writeFile(path.join(folder, 'namespace'), namespace),
  ])
  const { hostname, port } = new URL(first.cluster.server)
  return {
    SERVICE_ACCOUNT_FOLDER: folder,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    NAMESPACE: namespace,
  }
}

// The authorizer follows Roles by watches of its own.
async function isAllowed(api: KubernetesApi, namespace: string, [rule]: Awaited<ReturnType<typeof chartRules>>) {
  const [group, resource, verb] = [rule?.apiGroups[0], rule?.resources[0], rule?.verbs[0]]
  const user = `system:serviceaccount:${namespace}:operator`
  const spec = { user, resourceAttributes: { namespace, group, resource, verb } }
  const answer = await post(api, '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec })
  const { status } = z.object({ status: z.object({ allowed: z.boolean() }) }).parse(answer)
  return status.allowed ? true : undefined
}

const post = (api: KubernetesApi, where: string, body: object) => api.call({ method: 'POST', path: where, body })
