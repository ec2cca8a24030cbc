import type { KubernetesObject } from './resource.ts'

/** Names an object inside its kind: `namespace/name`. */
export const keyOf = (object: KubernetesObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`

/** Computes the index values under which an object is found. */
export type IndexFunction<T> = (object: T) => readonly string[]

/**
 * Whether `a` was written after `b`. Resource versions are etcd revisions: decimal numbers that only grow; comparing
 * them is promised since Kubernetes 1.35 (KEP-5504) and true of every etcd-backed server before.
 */
export const isNewer = (a: string, b: string) => (a.length === b.length ? a > b : a.length > b.length)

const none: ReadonlySet<string> = new Set()

/** The last known state of all objects of one kind, with indexes. Values are shared: never change one. */
export class Store<T extends KubernetesObject> {
  #objects = new Map<string, T>()
  #indexes = new Map<string, { of: IndexFunction<T>; keys: Map<string, Set<string>> }>()

  constructor(indexes: Record<string, IndexFunction<T>> = {}) {
    for (const [name, of] of Object.entries(indexes)) this.#indexes.set(name, { of, keys: new Map() })
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  values(): IterableIterator<T> {
    return this.#objects.values()
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  /** Objects whose index function named `value`. @throws {RangeError} there is no such index. */
  by(index: string, value: string): T[] {
    return [...this.#keysBy(index, value)].flatMap((key) => this.#objects.get(key) ?? [])
  }

  /** How many objects `by` would answer, without gathering them. @throws {RangeError} there is no such index. */
  count(index: string, value: string): number {
    return this.#keysBy(index, value).size
  }

  /** Stores an object and answers what it replaced. */
  set(object: T): T | undefined {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    if (previous !== undefined) this.#unindex(key, previous)
    this.#objects.set(key, object)
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const set = keys.get(value)
        if (set) set.add(key)
        else keys.set(value, new Set([key]))
      }
    }
    return previous
  }

  delete(key: string): T | undefined {
    const previous = this.#objects.get(key)
    if (previous === undefined) return undefined
    this.#unindex(key, previous)
    this.#objects.delete(key)
    return previous
  }

  #keysBy(index: string, value: string): ReadonlySet<string> {
    const found = this.#indexes.get(index)
    if (!found) throw new RangeError(`no index ${index}`)
    return found.keys.get(value) ?? none
  }

  #unindex(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const set = keys.get(value)
        set?.delete(key)
        if (set?.size === 0) keys.delete(value)
      }
    }
  }
}
