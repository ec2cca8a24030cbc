/**
 * Guards the finalizers: the last thing an operator does in a namespace that is being deleted is to let its Broadcasts go.
 * Kubernetes deletes a namespace's Pods before its other objects (KEP-5080), so nobody would be left to do it.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { broadcastFinalizer } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { z } from 'zod'

const readDeadlineMs = 2_000
const pollMs = 200
const namespaces = { apiVersion: 'v1', plural: 'namespaces' }
const namespaceShape = z.object({ metadata: z.object({ deletionTimestamp: z.string().optional() }) })
// Without the full shapes: what cannot be read has to go, too.
const listShape = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        resourceVersion: z.string(),
        finalizers: z.array(z.string()).default([]),
      }),
    }),
  ),
})

export interface GuardOptions {
  api: KubernetesApi
  namespace: string
  /** Streams end in order for so long; then finalizers are taken off whatever there is. */
  graceMs: number
  /** Told when the end has begun: reconciles from now on end streams. */
  onClosing: () => void
  log: Logger
}

/** Returns at once where the namespace stays. Never throws: a process that stops has nobody to tell but its log. */
export async function guardFinalizers(options: GuardOptions): Promise<void> {
  const { api, namespace, graceMs, onClosing, log } = options
  try {
    if (!(await isEnding(api, namespace))) return
    log.info('namespace.ends', { namespace, graceMs })
    onClosing()
    const deadline = performance.now() + graceMs
    while ((await guarded(api, namespace)).length > 0 && performance.now() < deadline) await wait(pollMs)
    for (const { name, resourceVersion, finalizers } of await guarded(api, namespace)) {
      log.warn('broadcast.forced', { broadcast: name })
      const rest = finalizers.filter((one) => one !== broadcastFinalizer)
      await api.call({
        method: 'PATCH',
        path: pathOf(broadcasts, { namespace, name }),
        contentType: 'application/merge-patch+json',
        body: { metadata: { resourceVersion, finalizers: rest } },
      })
    }
  } catch (error) {
    log.warn('namespace.guard_failed', { error })
  }
}

async function isEnding(api: KubernetesApi, name: string): Promise<boolean> {
  const call = { method: 'GET', path: pathOf(namespaces, { name }), deadlineMs: readDeadlineMs } as const
  try {
    return namespaceShape.parse(await api.call(call)).metadata.deletionTimestamp !== undefined
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

async function guarded(api: KubernetesApi, namespace: string) {
  const list = listShape.parse(await api.call({ method: 'GET', path: pathOf(broadcasts, { namespace }) }))
  return list.items.map(({ metadata }) => metadata).filter(({ finalizers }) => finalizers.includes(broadcastFinalizer))
}
