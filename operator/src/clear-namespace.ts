import { setTimeout as sleep } from 'node:timers/promises'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { z } from 'zod'

const pollMs = 500
const kinds = [
  { apiVersion: liveApi.apiVersion, plural: liveApi.broadcasts },
  { apiVersion: liveApi.apiVersion, plural: liveApi.mediaPools },
] as const

// Read without the full shapes: whatever lies here has to go, also what an older version left.
const listShape = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })

/**
 * Deletes every Broadcast and MediaPool of a namespace and waits until they are gone; the apiserver then ends the Pods
 * they own. Streams end in order while an operator runs; what still has its finalizer after `graceMs` loses it.
 *
 * @returns names of the objects whose finalizer had to be taken away, as `plural/name`.
 * @throws {KubernetesError} the apiserver refuses or does not answer.
 */
export async function clearNamespace(options: {
  api: KubernetesApi
  namespace: string
  graceMs: number
  log: Logger
}): Promise<string[]> {
  const { api, namespace, graceMs, log } = options
  const deadline = performance.now() + graceMs
  for (const address of await remaining(api, namespace)) await orGone(api.delete(address.kind, address))
  for (;;) {
    const left = await remaining(api, namespace)
    if (left.length === 0) return []
    if (performance.now() < deadline) {
      await sleep(pollMs)
      continue
    }
    for (const { kind, name } of left) {
      log.warn('uninstall.forced', { object: `${kind.plural}/${name}`, graceMs })
      await orGone(
        api.call({
          method: 'PATCH',
          path: pathOf(kind, { namespace, name }),
          body: { metadata: { finalizers: null } },
          contentType: 'application/merge-patch+json',
        }),
      )
    }
    return left.map(({ kind, name }) => `${kind.plural}/${name}`)
  }
}

interface Left {
  kind: (typeof kinds)[number]
  namespace: string
  name: string
}

async function remaining(api: KubernetesApi, namespace: string): Promise<Left[]> {
  const left: Left[] = []
  for (const kind of kinds) {
    // absent definitions hold no objects
    const list = await orGone(api.call({ method: 'GET', path: pathOf(kind, { namespace }) }))
    if (list === undefined) continue
    for (const { metadata } of listShape.parse(list).items) left.push({ kind, namespace, name: metadata.name })
  }
  return left
}

async function orGone(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
