/** Writes who publishes into a Broadcast's status, by compare-and-swap: there is one publisher, and everybody sees which. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Broadcast, Publisher } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isConflict, isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'

const maxAttempts = 8
const firstDelayMs = 10
const maxDelayMs = 5_000

/** The two writes; `claim` before Publish.Start, `release` when the encoder is gone. */
export interface PublisherRecord {
  /**
   * Makes `publisher` the one of this broadcast, over whoever was it before.
   *
   * @returns the object as written, or null when it stopped taking `accepts` while others wrote.
   * @throws {KubernetesError} the apiserver refused or cannot be reached.
   */
  claim(
    seen: Broadcast,
    publisher: Publisher,
    accepts: (broadcast: Broadcast) => boolean,
    signal: AbortSignal,
  ): Promise<Broadcast | null>
  /** Notes that the session is gone, unless another one took over. Tries until `signal`. */
  release(seen: Broadcast, sessionId: string, disconnectedAt: string, signal: AbortSignal): Promise<void>
}

export function publisherRecord(api: KubernetesApi): PublisherRecord {
  const addressOf = ({ metadata: { namespace, name } }: Broadcast) => ({ namespace, name })
  const patch = (object: Broadcast, publisher: Record<string, unknown>, signal: AbortSignal) => {
    const body = { metadata: { resourceVersion: object.metadata.resourceVersion }, status: { publisher } }
    const address = { ...addressOf(object), subresource: 'status' }
    return api.patch(broadcasts, address, { type: 'merge', body, fieldManager: 'ingest' }, signal)
  }

  return {
    async claim(seen, publisher, accepts, signal) {
      let current = seen
      for (let attempt = 1; ; attempt++) {
        if (!accepts(current)) return null
        try {
          return await patch(current, { ...publisher, disconnectedAt: null }, signal)
        } catch (error) {
          if (isNotFound(error)) return null
          if (!isConflict(error) || attempt === maxAttempts) throw error
        }
        await wait(firstDelayMs * attempt * Math.random(), undefined, { signal })
        current = await api.get(broadcasts, addressOf(current), signal)
      }
    },

    async release(seen, sessionId, disconnectedAt, signal) {
      let delayMs = firstDelayMs
      for (;;) {
        try {
          const current = await api.get(broadcasts, addressOf(seen), signal)
          if (current.status?.publisher?.sessionId !== sessionId) return
          await patch(current, { disconnectedAt }, signal)
          return
        } catch (error) {
          if (isNotFound(error)) return
          signal.throwIfAborted() // anything else passes: conflicts, an apiserver that restarts
        }
        await wait(delayMs * (0.5 + Math.random() / 2), undefined, { signal }) // not all of them at once
        delayMs = Math.min(maxDelayMs, delayMs * 2)
      }
    },
  }
}
