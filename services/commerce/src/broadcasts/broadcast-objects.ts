/** Broadcast objects in the Kubernetes API: the only file of this service that knows Kubernetes. */
import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import { connectKubernetes, type KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isAlreadyExists, isConflict, isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { managedBy } from './desired-object.ts'

const fieldManager = 'commerce'
const labelSelector = Object.entries(managedBy)
  .map(([name, value]) => `${name}=${value}`)
  .join(',')

/** What the rest of commerce may do with Broadcast objects. Calls have deadlines and throw AppErrors of the API. */
export interface BroadcastObjects {
  read(id: string): Promise<BroadcastObject | undefined>
  /** Whether there is one, also if this version cannot read it. */
  exists(id: string): Promise<boolean>
  /** False when an object of that name is there already. */
  create(body: object): Promise<boolean>
  /** Merges `spec` into the object as it was read; false when somebody wrote it since, or it is gone. */
  update(read: BroadcastObject, spec: object): Promise<boolean>
  /** Deletes that very object, not a successor of the same name. */
  remove(object: BroadcastObject): Promise<void>
  /** Follows the objects that commerce made; `onChange` and `onDelete` are called in the order of history. */
  follow(handlers: {
    onChange: (object: BroadcastObject) => void
    onDelete: (object: BroadcastObject) => void
  }): Following
  close(): void
}

/** A running watch. */
export interface Following {
  /** Resolves once every object there is was seen. */
  synced: Promise<void>
  all(): BroadcastObject[]
  stop(): Promise<void>
}

/** Connects with KUBECONFIG's current context, or as the Pod's ServiceAccount; throws when there is neither. */
export async function connectBroadcastObjects(
  { kubeconfig, namespace }: { kubeconfig?: string; namespace?: string },
  log: Logger,
): Promise<BroadcastObjects> {
  const api = await connectKubernetes({ kubeconfig, userAgent: 'mytaek1-commerce' })
  return broadcastObjects(api, namespace ?? api.namespace, log)
}

function broadcastObjects(api: KubernetesApi, namespace: string, log: Logger): BroadcastObjects {
  const at = (name: string) => ({ namespace, name })
  return {
    read: (id) => api.get(broadcasts, at(id)).catch(orUndefined),
    exists: async (id) =>
      (await api.call({ method: 'GET', path: pathOf(broadcasts, at(id)) }).catch(orUndefined)) !== undefined,
    create: async (body) => {
      try {
        await api.create(broadcasts, { namespace }, body, { fieldManager })
        return true
      } catch (error) {
        if (isAlreadyExists(error)) return false
        throw error
      }
    },
    update: async ({ metadata }, spec) => {
      const body = { metadata: { resourceVersion: metadata.resourceVersion }, spec }
      try {
        await api.patch(broadcasts, at(metadata.name), { type: 'merge', body, fieldManager })
        return true
      } catch (error) {
        if (isConflict(error) || isNotFound(error)) return false
        throw error
      }
    },
    remove: async ({ metadata }) => {
      await api.delete(broadcasts, at(metadata.name), { uid: metadata.uid }).catch(orUndefined)
    },
    follow: (handlers) => {
      const reflector = startReflector({ api, resource: broadcasts, namespace, labelSelector, log, ...handlers })
      return {
        synced: reflector.synced,
        all: () => [...reflector.store.values()],
        stop: () => reflector.stop(),
      }
    },
    close: () => api.close(),
  }
}

function orUndefined(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}
