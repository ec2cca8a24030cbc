/**
 * Guards the finalizers: the last thing an operator does in a namespace that is being deleted is to let its Broadcasts go.
 * Kubernetes deletes a namespace's Pods before its other objects (KEP-5080), so nobody would be left to do it.
 *
 * And a namespace must not wait for Pods that have an hour to drain. Its controller deletes the Pods, looks again after five
 * seconds, and where Pods are left then, not before half of the longest grace period that any of them asks for, or before its
 * next look at everything, five minutes later; that they leave sooner it does not hear.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { broadcastFinalizer, labels } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound, isUnavailable } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts, pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { z } from 'zod'
import { pods } from './kubernetes/api.ts'

const readDeadlineMs = 2_000
/** A namespace whose end nobody noticed waits for ever: one read that has no answer in time is no answer. */
const readTries = 3
/** Of those five seconds: streams and encoders end in order for so long. */
const orderlyMs = 2_500
const pollMs = 200
const namespaces = { apiVersion: 'v1', plural: 'namespaces' }
const namespaceShape = z.object({ metadata: z.object({ deletionTimestamp: z.string().optional() }) })
const namesShape = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })
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
  clock?: Clock
}

/** How time passes: that of the process, unless a test says otherwise. */
interface Clock {
  nowMs(): number
  wait(ms: number): Promise<void>
}

const ownClock: Clock = { nowMs: () => performance.now(), wait: (ms) => wait(ms) }

/** Returns at once where the namespace stays. Never throws: a process that stops has nobody to tell but its log. */
export async function guardFinalizers(options: GuardOptions): Promise<void> {
  const { api, namespace, graceMs, onClosing, log, clock = ownClock } = options
  try {
    if (!(await isEnding(api, namespace, clock))) return
    log.info('namespace.ends', { namespace, graceMs })
    onClosing()
    const begunAt = clock.nowMs()
    const ends = async (mostMs: number) => {
      while (clock.nowMs() < begunAt + mostMs) {
        const left = await guarded(api, namespace).catch(ifUnavailable)
        if (left?.length === 0) return
        await clock.wait(pollMs)
      }
    }
    await ends(orderlyMs)
    await endDrains(api, namespace).catch((error: unknown) => log.warn('namespace.drains_failed', { error }))
    await ends(graceMs)
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

/** Takes away the Pods whose grace period is for those whom they serve: nobody is served here any more. */
async function endDrains(api: KubernetesApi, namespace: string): Promise<void> {
  const query = { labelSelector: `${labels.name}=mytaek1,${labels.component} in (ingest,stream)` }
  const list = namesShape.parse(await api.call({ method: 'GET', path: pathOf(pods, { namespace }), query }))
  const ended = list.items.map(({ metadata: { name } }) =>
    api.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }),
  )
  for (const one of await Promise.allSettled(ended))
    if (one.status === 'rejected' && !isNotFound(one.reason)) throw one.reason
}

async function isEnding(api: KubernetesApi, name: string, clock: Clock): Promise<boolean> {
  const call = { method: 'GET', path: pathOf(namespaces, { name }), deadlineMs: readDeadlineMs } as const
  for (let tries = 1; ; tries += 1) {
    try {
      return namespaceShape.parse(await api.call(call)).metadata.deletionTimestamp !== undefined
    } catch (error) {
      if (isNotFound(error)) return false
      if (!isUnavailable(error) || tries === readTries) throw error
      await clock.wait(pollMs)
    }
  }
}

const ifUnavailable = (error: unknown): undefined => {
  if (!isUnavailable(error)) throw error
}

async function guarded(api: KubernetesApi, namespace: string) {
  const list = listShape.parse(await api.call({ method: 'GET', path: pathOf(broadcasts, { namespace }) }))
  return list.items.map(({ metadata }) => metadata).filter(({ finalizers }) => finalizers.includes(broadcastFinalizer))
}
