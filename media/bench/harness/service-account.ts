/** A ServiceAccount's folder as kubelet mounts it: processes with a kubeconfig load a client of 90 MiB and a second instead. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { z } from 'zod'

const tokenShape = z.object({ status: z.object({ token: z.string() }) })

/** Makes the account, which may do everything. @returns the variables that processes find it by. */
export async function mountServiceAccount(
  api: KubernetesApi,
  options: { namespace: string; server: string; caFile: string; folder: string },
): Promise<Record<string, string>> {
  const { namespace, server, caFile, folder } = options
  const name = 'media'
  const post = (path: string, body: unknown) => api.call({ method: 'POST', path, body })
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await post(accounts, { metadata: { name, namespace } })
  await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  })
  const { status } = tokenShape.parse(await post(`${accounts}/${name}/token`, { spec: { expirationSeconds: 86_400 } }))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await Promise.all([
    writeFile(join(folder, 'token'), status.token),
    writeFile(join(folder, 'namespace'), namespace),
    copyFile(caFile, join(folder, 'ca.crt')),
  ])
  const { hostname, port } = new URL(server)
  return { SERVICE_ACCOUNT_FOLDER: folder, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
}
