/** A real kube-apiserver with the chart's Broadcast definition, for tests of the way to the Kubernetes API and back. */
import { readFile } from 'node:fs/promises'
import { after } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { startLocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { connectKubernetes, type KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound, isUnavailable } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { eventually } from './eventually.ts'

const definition = new URL('../../../../charts/mytaek1/templates/crds/broadcasts.yaml', import.meta.url)

/** A running apiserver. */
export interface TestApiserver {
  api: KubernetesApi
  kubeconfigPath: string
  /** Plays operator and stream Pod: writes conditions, or the end, into a Broadcast's status. */
  report(
    namespace: string,
    id: string,
    status: 'playing' | 'interrupted' | 'ended',
    publishing?: { reason: string; message: string },
  ): Promise<void>
  /** Stops the server's process (SIGSTOP) until `resume`: it answers nobody. */
  pause(): void
  resume(): void
}

/** Starts it; it ends after the file's last test. Call it at the file's top level. */
export async function testApiserver(): Promise<TestApiserver> {
  const server = await startLocalApiserver()
  const api = await connectKubernetes({ kubeconfig: server.kubeconfigPath, userAgent: 'test' })
  after(async () => {
    server.apiserver.kill('SIGCONT')
    api.close()
    await server.stop()
  })
  await installDefinition(api)
  return {
    api,
    kubeconfigPath: server.kubeconfigPath,
    report: async (namespace, name, what, publishing) => {
      const now = new Date().toISOString()
      const condition = (type: string, isTrue: boolean) => ({
        type,
        status: isTrue ? 'True' : 'False',
        reason: 'Reported',
        lastTransitionTime: now,
      })
      const conditions = [
        { ...condition('Publishing', what === 'playing'), ...publishing },
        condition('Playable', what !== 'ended'),
      ]
      const status = { conditions, ...(what === 'ended' ? { phase: 'Ended', endedAt: now } : {}) }
      await api.patch(broadcasts, { namespace, name, subresource: 'status' }, { type: 'merge', body: { status } })
    },
    pause: () => void server.apiserver.kill('SIGSTOP'),
    resume: () => void server.apiserver.kill('SIGCONT'),
  }
}

// The template uses Helm around the object and for its labels only; the rest is plain YAML.
async function installDefinition(api: KubernetesApi): Promise<void> {
  const lines = (await readFile(definition, 'utf8')).split('\n').filter((line) => !/^\s*\{\{/.test(line))
  const [document] = parseAllDocuments(lines.join('\n'))
  const body = document?.toJS() as { metadata: { labels: unknown } }
  body.metadata.labels = {}
  await api.call({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body })
  await eventually('Broadcasts are served', async () => {
    try {
      return await api.call({ method: 'GET', path: `/apis/${liveApi.apiVersion}/${liveApi.broadcasts}` })
    } catch (error) {
      if (isNotFound(error) || isUnavailable(error)) return undefined // its storage is being set up
      throw error
    }
  })
}
