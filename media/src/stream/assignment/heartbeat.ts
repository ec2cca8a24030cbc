/**
 * Says every 10 s that this Pod's process lives and publishes, and what it measures, in a Lease of the Pod's name: the
 * operator watches it, and nobody else is woken, as by kubelet's own Leases (KEP-589). What is measured is in its annotation
 * `live.mytaek1.dev/health`.
 */
import { labels, streamHealthAnnotation, type StreamHealth } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { leases, microTime } from '@mytaek1/platform/kubernetes/lease.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'

const everyMs = 10_000
/** The operator takes a process for lost after two missed ones and a half. */
const leaseSeconds = 25

export interface HeartbeatOptions {
  api: KubernetesApi
  namespace: string
  podName: string
  /** The Lease goes with its Pod. */
  podUID: string
  broadcast: string
  /** Undefined while no encoder sends: then there is nothing to say. */
  health: () => StreamHealth | undefined
  log: Logger
}

/** Beats until it is stopped; a beat that fails is only late. */
export function startHeartbeat(options: HeartbeatOptions): { stop(): void } {
  const { log, health } = options
  let isBeating = false
  const beat = async () => {
    const measured = health()
    if (measured === undefined || isBeating) return
    isBeating = true
    try {
      await write(options, measured)
    } catch (error) {
      log.warn('stream.heartbeat_failed', { error })
    } finally {
      isBeating = false
    }
  }
  const timer = setInterval(() => void beat(), everyMs) // handles its own errors
  return { stop: () => clearInterval(timer) }
}

async function write(options: HeartbeatOptions, health: StreamHealth): Promise<void> {
  const { api, namespace, podName: name, podUID: uid, broadcast } = options
  const body = {
    apiVersion: leases.apiVersion,
    kind: leases.kind,
    metadata: {
      name,
      namespace,
      labels: { [labels.name]: 'mytaek1', [labels.component]: 'stream', [labels.broadcast]: broadcast },
      annotations: { [streamHealthAnnotation]: JSON.stringify(health) },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime: microTime(new Date()) },
  }
  await api.patch(leases, { namespace, name }, { type: 'apply', body, fieldManager: 'stream', force: true })
}
