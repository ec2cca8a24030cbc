/** Where each broadcast is served, fed by the watch on Broadcasts: routable milliseconds after its Pod is. */
import type { Broadcast, BroadcastStatus } from '@mytaek1/contracts/broadcast-resource.ts'

/** The Broadcast's own record of how far its media sequence is: segment `number` began at `atMs`. */
export interface SequenceRecord {
  readonly number: number
  readonly atMs: number // since 1970
  readonly segmentSeconds: number
}

/**
 * `live`: ask this Pod. `pending`: an encoder publishes, its Pod is being made or replaced; worth waiting for.
 * `idle`: nothing to see yet. `ended`: over, and the Pod is gone. `unknown`: no such broadcast.
 */
export type Route =
  | { readonly state: 'live'; readonly host: string; readonly podUID: string; readonly sequence?: SequenceRecord }
  | { readonly state: 'pending' }
  | { readonly state: 'idle' }
  | { readonly state: 'ended' }
  | { readonly state: 'unknown' }

const unknown: Route = Object.freeze({ state: 'unknown' })

export class RouteTable {
  readonly #routes = new Map<string, Route>()
  readonly #watchers = new Map<string, Set<() => void>>() // no EventEmitter: a Broadcast may be named `error`

  /** Broadcasts that a Pod serves now. */
  get live(): number {
    return [...this.#routes.values()].filter(({ state }) => state === 'live').length
  }

  upsert(broadcast: Broadcast): void {
    const { name } = broadcast.metadata
    const route = routeOf(broadcast)
    const known = this.#routes.get(name)
    this.#routes.set(name, route)
    if (known === undefined || !sameRoute(known, route)) this.#tell(name)
  }

  remove(name: string): void {
    if (this.#routes.delete(name)) this.#tell(name)
  }

  get(name: string): Route {
    return this.#routes.get(name) ?? unknown
  }

  /** Whether a broadcast has ended, or never was, and no Pod has it. */
  isOver(name: string): boolean {
    const { state } = this.get(name)
    return state === 'ended' || state === 'unknown'
  }

  /** Whether somebody may be watching it live: a Pod has it, or will have it soon. */
  isOn(name: string): boolean {
    const { state } = this.get(name)
    return state === 'live' || state === 'pending'
  }

  /** Calls `onChange` whenever the broadcast's route has changed. @returns what ends that. */
  watch(name: string, onChange: () => void): () => void {
    const watchers = this.#watchers.get(name) ?? new Set()
    this.#watchers.set(name, watchers)
    watchers.add(onChange)
    return () => {
      watchers.delete(onChange)
      if (watchers.size === 0 && this.#watchers.get(name) === watchers) this.#watchers.delete(name)
    }
  }

  /** Waits until the broadcast's route changes, `maxMs` at most, or until `signal` aborts. */
  async changed(name: string, maxMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = () => resolve()
    const timer = setTimeout(done, maxMs)
    const unwatch = this.watch(name, done)
    signal?.addEventListener('abort', done, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      unwatch()
      signal?.removeEventListener('abort', done)
    }
  }

  #tell(name: string): void {
    for (const watcher of this.#watchers.get(name) ?? []) watcher()
  }
}

/** What a Broadcast says of where it is served. */
export function routeOf({ metadata, spec, status }: Broadcast): Route {
  if (status?.podIP) return { state: 'live', host: status.podIP, podUID: status.podUID ?? '', ...recordOf(status) }
  const over = spec.state === 'Ended' || status?.phase === 'Ended' || status?.phase === 'Failed'
  if (over || status?.endedAt !== undefined || metadata.deletionTimestamp !== undefined) return { state: 'ended' }
  return { state: status?.podName || status?.publisher ? 'pending' : 'idle' }
}

function recordOf({ mediaSequence }: BroadcastStatus): { sequence?: SequenceRecord } {
  if (mediaSequence === undefined) return {}
  const { number, at, segmentSeconds } = mediaSequence
  return { sequence: { number, atMs: Date.parse(at), segmentSeconds } }
}

/** Whether two routes lead to the same Pod, or to none for the same reason. */
export function sameRoute(a: Route, b: Route): boolean {
  if (a.state === 'live' && b.state === 'live') return a.host === b.host && a.podUID === b.podUID
  return a.state === b.state
}
