import type { MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isAlreadyExists } from '@mytaek1/platform/kubernetes/error.ts'
import { mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { fieldManager } from '../broadcast/names.ts'
import type { Caches } from '../stream-pod/caches.ts'

const name = 'default'
/** The values that the pool was made or changed for last: `{"buffer":1,"max":1000}`. */
const valuesAnnotation = 'live.mytaek1.dev/values'
const valuesShape = z.object({ buffer: z.number(), max: z.number() })

/** The release's `stream.warmPods` and `stream.maxPods`. */
export type PoolValues = z.infer<typeof valuesShape>

/**
 * What the pool `default` is to be changed to; undefined: nothing. A value that changed since it was last looked at is
 * taken over; one that did not leaves `kubectl scale` and autoscalers their say. A pool that others made is left alone.
 */
export function followValues(pool: MediaPool, wanted: PoolValues): { spec: object; values: PoolValues } | undefined {
  const text = pool.metadata.annotations?.[valuesAnnotation]
  const before = text === undefined ? undefined : valuesShape.safeParse(tryJson(text)).data
  if (before === undefined || isDeepStrictEqual(before, wanted)) return undefined
  const buffer = before.buffer === wanted.buffer ? pool.spec.buffer : wanted.buffer
  const max = before.max === wanted.max ? pool.spec.max : wanted.max
  // The definition refuses a pool whose buffer, or min, is more than its max.
  return { spec: { buffer: Math.min(buffer, max), max, min: Math.min(pool.spec.min, max) }, values: wanted }
}

/** Makes the pool `default` where the namespace has no pool, and has it follow the release's values. */
export async function keepDefaultPool(options: {
  api: KubernetesApi
  namespace: string
  caches: Pick<Caches, 'pools'>
  values: PoolValues
}): Promise<void> {
  const { api, namespace, caches, values } = options
  const wanted = { buffer: values.buffer, max: Math.max(values.max, values.buffer) }
  const pool = caches.pools.store.get(`${namespace}/${name}`)
  if (pool === undefined) {
    if (wanted.buffer > 0 && caches.pools.store.size === 0 && caches.pools.unreadable.size === 0)
      await makePool(options, wanted)
    return
  }
  const change = followValues(pool, wanted)
  if (change === undefined) return
  const { resourceVersion } = pool.metadata
  const body = { metadata: { resourceVersion, annotations: annotated(change.values) }, spec: change.spec }
  caches.pools.wrote(await api.patch(mediaPools, { namespace, name }, { type: 'merge', body, fieldManager }))
}

async function makePool(
  { api, namespace, caches }: Parameters<typeof keepDefaultPool>[0],
  wanted: PoolValues,
): Promise<void> {
  const { apiVersion, kind } = mediaPools
  const metadata = { name, namespace, annotations: annotated(wanted) }
  const body = { apiVersion, kind, metadata, spec: { min: 0, ...wanted } }
  try {
    caches.pools.wrote(await api.create(mediaPools, { namespace }, body, { fieldManager }))
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

const annotated = (values: PoolValues) => ({ [valuesAnnotation]: JSON.stringify(values) })

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // edited by hand: then the pool is theirs
  }
}
