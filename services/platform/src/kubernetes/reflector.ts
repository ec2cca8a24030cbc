/**
 * Keeps a Store equal to what the apiserver has, whatever happens to the connection.
 *
 * States: LISTING (pages of a consistent list; 410 restarts it) → WATCHING (from the list's resource version, moved on by
 * events and bookmarks) → on end or silence WATCHING again from where it was; on 410 LISTING again. Between attempts it
 * waits with growing, jittered delay. Only `stop()` or the signal ends it.
 */
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { KubernetesApi } from './api.ts'
import { KubernetesError, isExpired, isUnavailable } from './error.ts'
import { parseBare, pathOf, type KubernetesObject, type Resource } from './resource.ts'
import { Store, isNewer, keyOf, type IndexFunction } from './store.ts'

const pageSize = 500
const connectMs = 5_000
const listDeadlineMs = 30_000
/** Silence says nothing: ask again, which costs one cheap request. */
const inactivityMs = 30_000
/**
 * A watch asks to be ended this long before its silence would end it. An apiserver sends a bookmark two seconds before that
 * (and every minute, which is too late): so a quiet watch, too, goes on from where history is, and is not answered 410.
 */
const endedBeforeMs = 3_000
const maxLineChars = 32 * 1024 * 1024
const firstDelayMs = 100
/** Short, so that all work goes on within two seconds after an outage of the apiserver. */
const maxDelayMs = 1_500
/** For refusals that need a person: no permission, no such kind. */
const maxRefusedDelayMs = 5_000

/** What to follow and whom to tell. Handlers run synchronously, in the order of the apiserver's history. */
export interface ReflectorOptions<T extends KubernetesObject> {
  api: KubernetesApi
  resource: Resource<T>
  namespace?: string // absent: all namespaces
  fieldSelector?: string
  labelSelector?: string
  indexes?: Record<string, IndexFunction<T>>
  onChange?: (object: T, previous: T | undefined) => void
  /** `object` is the last known state. */
  onDelete?: (object: T) => void
  /** An object in `unreadable` came, changed or went. */
  onUnreadable?: (object: Unreadable) => void
  /** Called for everything that keeps the reflector from following; it goes on by itself. */
  onError?: (error: unknown) => void
  log: Logger
  signal?: AbortSignal
  inactivityMs?: number
}

/** An object that exists in a state that this version cannot read; `why` says what of it. */
export interface Unreadable extends KubernetesObject {
  why: string
}

/** Starts following; `await reflector.synced` before trusting the store. */
export function startReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Reflector<T> {
  return new Reflector(options)
}

const listShape = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()),
})
const eventShape = z.object({ type: z.string(), object: z.looseObject({}) })
const anyObjectShape = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    name: z.string().default(''), // a bookmark has none
    namespace: z.string().optional(),
    uid: z.string().default(''),
  }),
})
const statusShape = z.object({
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
})

export class Reflector<T extends KubernetesObject> {
  /** The last readable state of all objects. One that became unreadable stays: it exists. */
  readonly store: Store<T>
  /** Objects whose newest state cannot be read, by key; one that never could is not in the store. */
  readonly unreadable = new Map<string, Unreadable>()
  /** Resolves after the first complete list; rejects only when stopped before. */
  readonly synced: Promise<void>
  #options: ReflectorOptions<T>
  #path: string
  #resourceVersion = ''
  #stop = new AbortController()
  #done: Promise<void>
  #lastHeard = 0

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.store = new Store(options.indexes)
    this.#path = pathOf(options.resource, { namespace: options.namespace })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.synced = promise
    promise.catch(() => undefined) // whoever awaits it hears of it; nobody need
    const signal = options.signal ? AbortSignal.any([options.signal, this.#stop.signal]) : this.#stop.signal
    this.#done = this.#run(signal, resolve).then(() => reject(new Error('the reflector was stopped')))
  }

  /** Milliseconds since the apiserver was last heard of; large when it is out of reach. */
  silentMs(): number {
    return performance.now() - this.#lastHeard
  }

  /** Ends the watch; no handler runs afterwards. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#done
  }

  /**
   * Takes the answer of an own write into the store at once, so that nothing decided next is older than that write.
   * Ignored when the watch has already passed it: then the store knows as much or more.
   */
  wrote(object: T): void {
    if (!isNewer(object.metadata.resourceVersion, this.#resourceVersion)) return
    this.#upsert(object)
  }

  async #run(signal: AbortSignal, synced: () => void): Promise<void> {
    let delayMs = firstDelayMs
    let expiredAt = -Infinity
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') {
          await this.#list(signal)
          synced()
        }
        const startedAt = performance.now()
        await this.#watch(signal)
        if (performance.now() - startedAt > maxDelayMs) delayMs = firstDelayMs
        else delayMs = await this.#pause(delayMs, 0, maxDelayMs, signal) // whoever cuts every watch must not be hammered
      } catch (error) {
        if (signal.aborted) return
        this.#options.onError?.(error)
        if (isExpired(error)) {
          this.#resourceVersion = '' // history was compacted, or the apiserver has begun anew: list again
          // it is there: what its absence taught is over, unless it says so again and again
          if (performance.now() - expiredAt > 2 * maxRefusedDelayMs) delayMs = firstDelayMs
          expiredAt = performance.now()
        }
        this.#options.log.warn('kubernetes.watch_failed', { kind: this.#options.resource.kind, error })
        const asked = error instanceof KubernetesError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
        delayMs = await this.#pause(delayMs, asked, isUnavailable(error) ? maxDelayMs : maxRefusedDelayMs, signal)
      }
    }
  }

  async #pause(delayMs: number, atLeastMs: number, maxMs: number, signal: AbortSignal): Promise<number> {
    const jittered = Math.max(atLeastMs, Math.min(delayMs, maxMs) * (0.5 + Math.random() / 2))
    await wait(jittered, undefined, { signal }).catch(() => undefined) // aborted: the loop ends
    return Math.min(delayMs * 2, maxMs)
  }

  // A consistent read (no resourceVersion), so a lagging apiserver cannot move the store back in time.
  async #list(signal: AbortSignal): Promise<void> {
    const { fieldSelector, labelSelector } = this.#options
    const found = new Map<string, T>()
    const unreadable = new Map<string, Unreadable>()
    let resourceVersion = ''
    let next: string | undefined
    do {
      const query = { limit: pageSize, continue: next, fieldSelector, labelSelector }
      const answer = await this.#options.api.call({
        method: 'GET',
        path: this.#path,
        query,
        deadlineMs: listDeadlineMs,
        signal,
      })
      const page = listShape.parse(answer)
      this.#lastHeard = performance.now()
      for (const item of page.items) {
        const object = this.#parse(item)
        if ('why' in object) unreadable.set(keyOf(object), object)
        else found.set(keyOf(object), object)
      }
      resourceVersion = page.metadata.resourceVersion
      next = page.metadata.continue || undefined
    } while (next !== undefined)
    const isListed = (key: string) => found.has(key) || unreadable.has(key)
    for (const key of this.store.keys()) {
      const known = this.store.get(key)
      // Newer than the list: an own write that the list could not show.
      if (known && !isListed(key) && !isNewer(known.metadata.resourceVersion, resourceVersion)) this.#remove(key)
    }
    for (const key of this.unreadable.keys()) if (!isListed(key)) this.#remove(key)
    for (const object of unreadable.values()) this.#cannotRead(object)
    for (const object of found.values()) this.#upsert(object)
    this.#resourceVersion = resourceVersion
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, fieldSelector, labelSelector } = this.#options
    const silentMs = this.#options.inactivityMs ?? inactivityMs
    const query = {
      fieldSelector,
      labelSelector,
      resourceVersion: this.#resourceVersion,
      allowWatchBookmarks: true,
      // not all of a fleet at the same moment
      timeoutSeconds: Math.max(1, Math.floor((silentMs - endedBeforeMs) / 1_000 - Math.random() * 3)),
    }
    const stream = await api.openWatch(this.#path, query, { signal, connectMs })
    const abort = () => stream.destroy()
    signal.addEventListener('abort', abort, { once: true })
    // On a half-open connection no error ever comes: silence ends it and the watch resumes where it was.
    const silence = setTimeout(abort, silentMs)
    try {
      this.#lastHeard = performance.now()
      for await (const line of linesOf(stream)) {
        if (signal.aborted) return
        silence.refresh()
        this.#lastHeard = performance.now()
        this.#take(line)
      }
    } finally {
      clearTimeout(silence)
      signal.removeEventListener('abort', abort)
      stream.destroy()
    }
  }

  #take(line: string): void {
    const event = eventShape.parse(JSON.parse(line))
    if (event.type === 'ERROR') {
      const status = statusShape.parse(event.object)
      throw new KubernetesError({
        status: status.code ?? 500,
        reason: status.reason ?? 'WatchError',
        message: `watch ${this.#path}: ${status.message ?? 'error'}`,
      })
    }
    const bare = anyObjectShape.parse(event.object)
    if (event.type === 'DELETED') this.#removed(bare)
    else if (event.type !== 'BOOKMARK') {
      const object = this.#parse(event.object)
      if ('why' in object) this.#cannotRead(object)
      else this.#upsert(object)
    }
    this.#resourceVersion = bare.metadata.resourceVersion
  }

  #upsert(object: T): void {
    const known = this.store.get(keyOf(object))
    // An own write was taken in early; the watch repeats it or shows what came before it.
    if (known && !isNewer(object.metadata.resourceVersion, known.metadata.resourceVersion)) return
    const unread = this.unreadable.get(keyOf(object))
    if (unread) {
      if (!isNewer(object.metadata.resourceVersion, unread.metadata.resourceVersion)) return
      this.unreadable.delete(keyOf(object))
      this.#options.onUnreadable?.(unread)
    }
    this.store.set(object)
    this.#options.onChange?.(object, known)
  }

  #removed(object: KubernetesObject): void {
    const known = this.store.get(keyOf(object))
    // A successor of the same name, made by an own write, is already known.
    if (
      known &&
      known.metadata.uid !== object.metadata.uid &&
      isNewer(known.metadata.resourceVersion, object.metadata.resourceVersion)
    )
      return
    this.#remove(keyOf(object))
  }

  #remove(key: string): void {
    const unread = this.unreadable.get(key)
    this.unreadable.delete(key)
    const known = this.store.delete(key)
    if (known) this.#options.onDelete?.(known)
    if (unread) this.#options.onUnreadable?.(unread)
  }

  #cannotRead(object: Unreadable): void {
    const key = keyOf(object)
    const known = this.store.get(key)
    if (known && known.metadata.uid !== object.metadata.uid) this.#remove(key) // a predecessor of the same name
    const before = this.unreadable.get(key)
    this.unreadable.set(key, object)
    const { log, resource } = this.#options
    // One object of a newer or broken schema must not stop all others.
    if (before?.why !== object.why)
      log.error('kubernetes.unreadable_object', { key, kind: resource.kind, why: object.why })
    this.#options.onUnreadable?.(object)
  }

  #parse(value: unknown): T | Unreadable {
    try {
      return parseBare(this.#options.resource, value)
    } catch (error) {
      const { metadata } = anyObjectShape.parse(value)
      return { metadata, why: error instanceof Error ? error.message : String(error) }
    }
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  stream.setEncoding('utf8')
  try {
    for await (const chunk of stream) {
      rest += String(chunk)
      let end = rest.indexOf('\n')
      let start = 0
      while (end >= 0) {
        if (end > start) yield rest.slice(start, end)
        start = end + 1
        end = rest.indexOf('\n', start)
      }
      rest = rest.slice(start)
      if (rest.length > maxLineChars) return // no event is this long: read on from the last one
    }
  } catch {
    // A cut connection is ordinary: the watch resumes. A consumer's error does not come here, it ends the generator.
  }
}
