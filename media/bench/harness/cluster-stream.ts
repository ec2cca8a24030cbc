/** A broadcast on the cluster that `make up` made, through its own doors: what the local plane cannot show is a Pod's end. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { isUnavailable } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import type { WatchedTarget } from './watched-stream.ts'

const run = promisify(execFile)
const namespace = process.env['MYTAEK1_NAMESPACE'] ?? 'mytaek1'
const httpUrl = `http://127.0.0.1:${process.env['MYTAEK1_HTTP_PORT'] ?? 8080}`
const rtmpPort = Number(process.env['MYTAEK1_RTMP_PORT'] ?? 1935)
const playableDeadlineMs = 90_000
const pods = { apiVersion: 'v1', plural: 'pods' }

export interface ClusterStream extends WatchedTarget {
  /** Waits until viewers can play. */
  playable(): Promise<void>
  /** Deletes the Pod that serves the broadcast, without grace. */
  deletePod(): Promise<void>
  close(): Promise<void>
}

/** Makes a Broadcast there; undefined where no cluster runs, or CLUSTER is `none`. */
export async function openClusterStream(): Promise<ClusterStream | undefined> {
  if (process.env['CLUSTER'] === 'none') return undefined
  const kubeconfig = await run('make', ['-s', 'kubeconfig']).then(
    ({ stdout }) => stdout.trim().split('\n').at(-1),
    () => undefined,
  )
  if (kubeconfig === undefined || kubeconfig === '') return undefined
  const api = await connectKubernetes({ kubeconfig, userAgent: 'chaos-live' }).catch(() => undefined)
  if (api === undefined) return undefined
  const name = `chaos-${randomBytes(4).toString('hex')}`
  const key = randomBytes(16).toString('hex')
  const made = await api
    .create(
      broadcasts,
      { namespace },
      {
        apiVersion: liveApi.apiVersion,
        kind: 'Broadcast',
        metadata: { name, namespace },
        spec: { title: name, seller: 'bench', streamKey: { sha256: createHash('sha256').update(key).digest('hex') } },
      },
    )
    .catch(() => undefined) // no such cluster, or not with the chart on it
  if (made === undefined) {
    api.close()
    return undefined
  }
  await wait(1_000) // every ingest has seen it
  const current = () => api.get(broadcasts, { namespace, name })
  return {
    rtmp: { host: '127.0.0.1', port: rtmpPort },
    key,
    hlsUrl: `${httpUrl}/hls/${name}`,
    playable: async () => {
      const isPlayable = async () =>
        (await current()).status?.conditions?.some(({ type, status }) => type === 'Playable' && status === 'True')
      for (const until = performance.now() + playableDeadlineMs; !(await isPlayable()); await wait(200))
        if (performance.now() > until) throw new Error(`${name} is not playable`)
    },
    deletePod: async () => {
      const podName = (await current()).status?.podName
      if (!podName) throw new Error(`${name} has no Pod`)
      await patiently(() => api.delete(pods, { namespace, name: podName }, { gracePeriodSeconds: 0 }))
    },
    close: async () => {
      await patiently(() => api.delete(broadcasts, { namespace, name }))
      api.close()
    },
  }
}

/** An apiserver on a busy machine may be silent for longer than a call waits. */
async function patiently(call: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await call()
      return
    } catch (error) {
      if (attempt === 3 || !isUnavailable(error)) throw error
    }
  }
}
