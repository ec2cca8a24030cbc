/** The cold start with real Pods: from a recorded publisher to an assigned Pod that a real kubelet started. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { connectKubernetes, type KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { broadcastBody, connectEncoder, eventually, makeIngestPod, makeNamespace } from '../src/testing/cluster.ts'
import { startOperatorProcess } from '../src/testing/operator-process.ts'

const podDeadlineMs = 120_000

const configMapShape = z.object({ data: z.object({ 'pod.yaml': z.string() }) })
const roleShape = z.object({ rules: z.array(z.unknown()) })
const variableShape = z.looseObject({ name: z.string(), valueFrom: z.looseObject({}).optional() })
const templateShape = z.looseObject({
  spec: z.looseObject({ containers: z.array(z.looseObject({ env: z.array(variableShape).optional() })) }),
})

/**
 * Measures `count` cold starts one after the other on a cluster where the platform is installed: in a namespace of its own,
 * with an operator of its own, and with the release's stream Pod (so its image is there).
 *
 * @returns seconds, ascending
 */
export async function measureColdStarts(options: {
  kubeconfig: string
  release: { name: string; namespace: string }
  count: number
  folder: string
}): Promise<number[]> {
  const api = await connectKubernetes({ kubeconfig: options.kubeconfig, userAgent: 'bench' })
  const namespace = await makeNamespace(api, `bench-${randomBytes(3).toString('hex')}`)
  const templateFile = path.join(options.folder, 'real-stream-pod.yaml')
  await writeFile(templateFile, JSON.stringify(await releaseTemplate(api, options.release, namespace)))
  const operator = startOperatorProcess({
    KUBECONFIG: options.kubeconfig,
    NAMESPACE: namespace,
    POD_NAME: 'bench-operator',
    STREAM_TEMPLATE_FILE: templateFile,
    WARM_POOL_BUFFER: '0',
    LINGER_SECONDS: '0',
  })
  try {
    await operator.logged('leader.elected')
    await makeIngestPod(api, namespace)
    const seconds: number[] = []
    for (let index = 0; index < options.count; index += 1)
      seconds.push(await coldStart(api, namespace, `cold-${index}`))
    return seconds.sort((a, b) => a - b)
  } finally {
    await operator.kill('SIGTERM')
    const finalizers = { metadata: { finalizers: [] } }
    for (let index = 0; index < options.count; index += 1) {
      const address = { namespace, name: `cold-${index}` }
      await api.patch(broadcasts, address, { type: 'merge', body: finalizers }).catch(() => undefined) // may be gone
    }
    await api.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
    api.close()
  }
}

async function coldStart(api: KubernetesApi, namespace: string, name: string): Promise<number> {
  await api.create(broadcasts, { namespace }, broadcastBody(namespace, name))
  await connectEncoder(api, namespace, name)
  const recordedAt = performance.now()
  let last: unknown
  await eventually(
    `${name} has a Pod`,
    async () => {
      const { status } = await api.get(broadcasts, { namespace, name })
      last = status
      return (
        status?.conditions?.some(({ type, status: value }) => type === 'PodAssigned' && value === 'True') || undefined
      )
    },
    { deadlineMs: podDeadlineMs, state: () => last },
  )
  const seconds = (performance.now() - recordedAt) / 1_000
  await api.delete(broadcasts, { namespace, name })
  return seconds
}

// The release's template, with made-up values for its Secrets, and a ServiceAccount of the same rights.
async function releaseTemplate(
  api: KubernetesApi,
  release: { name: string; namespace: string },
  namespace: string,
): Promise<object> {
  const get = (where: string) => api.call({ method: 'GET', path: where })
  const post = (where: string, body: object) => api.call({ method: 'POST', path: where, body })
  const core = `/api/v1/namespaces/${release.namespace}`
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces'
  const account = `${release.name}-stream`
  const { rules } = roleShape.parse(await get(`${rbac}/${release.namespace}/roles/${account}`))
  const metadata = { name: account, namespace }
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata })
  await post(`${rbac}/${namespace}/roles`, { metadata, rules })
  await post(`${rbac}/${namespace}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
  const { data } = configMapShape.parse(await get(`${core}/configmaps/${release.name}-stream-template`))
  const template = templateShape.parse(parse(data['pod.yaml']))
  for (const container of template.spec.containers) {
    container.env = container.env?.map((variable) =>
      variable.valueFrom && 'secretKeyRef' in variable.valueFrom
        ? { name: variable.name, value: 'not-used-here' }
        : variable,
    )
  }
  return template
}
