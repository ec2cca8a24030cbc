import { z } from 'zod'
import {
  broadcastShape,
  liveApi,
  mediaPoolShape,
  type Broadcast,
  type MediaPool,
} from '@mytaek1/contracts/broadcast-resource.ts'

import { UnreadableError } from './error.ts'
import { readLeniently } from './lenient.ts'

/** The metadata every object has. `resourceVersion` grows with every write to the store. */
export interface ObjectMeta {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
}

/** Anything kept by the apiserver. */
export interface KubernetesObject {
  metadata: ObjectMeta
}

/** One kind of object: its place in the API's paths and how an answer becomes a trusted value. */
export interface Resource<T extends KubernetesObject> {
  apiVersion: string // "v1" or "group/version"
  kind: string
  plural: string
  /** @throws {UnreadableError} or others: the object has not the shape that the code relies on. */
  parse(object: unknown): T
}

export const broadcasts: Resource<Broadcast> = {
  apiVersion: liveApi.apiVersion,
  kind: 'Broadcast',
  plural: liveApi.broadcasts,
  parse: (object) => parseOwn('Broadcast', broadcastShape, object),
}

export const mediaPools: Resource<MediaPool> = {
  apiVersion: liveApi.apiVersion,
  kind: 'MediaPool',
  plural: liveApi.mediaPools,
  parse: (object) => parseOwn('MediaPool', mediaPoolShape, object),
}

// Our own kinds have versions after this one, which write what this one cannot know.
function parseOwn<T extends object>(kind: string, shape: z.ZodType<T>, object: unknown): T {
  try {
    const { value, unread } = readLeniently(shape, object)
    return unread.length === 0 ? value : { ...value, unread }
  } catch (error) {
    throw error instanceof z.ZodError ? new UnreadableError(kind, error.issues, error) : error
  }
}

/**
 * An object's trusted value, without the record of who owns which field (`managedFields`): that is most of an object's size,
 * and nothing here reads it.
 * @param value a fresh answer of the apiserver; it is changed.
 * @throws whatever `resource.parse` throws
 */
export function parseBare<T extends KubernetesObject>(resource: Resource<T>, value: unknown): T {
  if (isRecord(value) && isRecord(value['metadata'])) delete value['metadata']['managedFields']
  return resource.parse(value)
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** What is addressed: all of a kind, those of a namespace, one, or a subresource ("status", "scale", "resize") of one. */
export interface Address {
  namespace?: string
  name?: string
  subresource?: string
}

/**
 * The path of a request, e.g. `/apis/live.mytaek1.dev/v1alpha1/namespaces/shop/broadcasts/b-1/status`.
 * @throws {RangeError} an empty name or namespace: the apiserver takes such a path for the whole collection, to delete it too.
 */
export function pathOf(resource: { apiVersion: string; plural: string }, address: Address = {}): string {
  if (address.name === '' || address.namespace === '') throw new RangeError(`an empty name of ${resource.plural}`)
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const parts = [
    ...(address.namespace === undefined ? [] : ['namespaces', address.namespace]),
    resource.plural,
    ...(address.name === undefined ? [] : [address.name]),
    ...(address.subresource === undefined ? [] : [address.subresource]),
  ]
  return `${root}/${parts.map(encodeURIComponent).join('/')}`
}
