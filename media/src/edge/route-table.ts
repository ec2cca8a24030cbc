/** Where each broadcast is served, fed by the watch on Broadcasts: routable milliseconds after its Pod is. */
import { EventEmitter } from 'node:events'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'

/**
 * `live`: ask this Pod. `pending`: an encoder publishes, its Pod is being made or replaced; worth waiting for.
 * `idle`: nothing to see yet. `ended`: over, and the Pod is gone. `unknown`: no such broadcast.
 */
export type Route =
  | { readonly state: 'live'; readonly host: string; readonly podUID: string }
  | { readonly state: 'pending' }
  | { readonly state: 'idle' }
  | { readonly state: 'ended' }
  | { readonly state: 'unknown' }

const unknown: Route = Object.freeze({ state: 'unknown' })

export class RouteTable {
  readonly #routes = new Map<string, Route>()
  readonly #changes = new EventEmitter<Record<string, []>>().setMaxListeners(0)

  /** Broadcasts that a Pod serves now. */
  get live(): number {
    return [...this.#routes.values()].filter(({ state }) => state === 'live').length
  }

  upsert(broadcast: Broadcast): void {
    const { name } = broadcast.metadata
    const route = routeOf(broadcast)
    const known = this.#routes.get(name)
    this.#routes.set(name, route)
    if (known === undefined || !sameRoute(known, route)) this.#changes.emit(name)
  }

  remove(name: string): void {
    if (this.#routes.delete(name)) this.#changes.emit(name)
  }

  get(name: string): Route {
    return this.#routes.get(name) ?? unknown
  }

  /** Whether a broadcast has ended, or never was, and no Pod has it. */
  isOver(name: string): boolean {
    const { state } = this.get(name)
    return state === 'ended' || state === 'unknown'
  }

  /** Waits until the broadcast's route changes, `maxMs` at most. */
  async changed(name: string, maxMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, maxMs)
    this.#changes.once(name, resolve)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#changes.removeListener(name, resolve)
    }
  }
}

/** What a Broadcast says of where it is served. */
export function routeOf({ metadata, spec, status }: Broadcast): Route {
  if (status?.podIP) return { state: 'live', host: status.podIP, podUID: status.podUID ?? '' }
  const over = spec.state === 'Ended' || status?.phase === 'Ended' || status?.phase === 'Failed'
  if (over || status?.endedAt !== undefined || metadata.deletionTimestamp !== undefined) return { state: 'ended' }
  return { state: status?.podName || status?.publisher ? 'pending' : 'idle' }
}

function sameRoute(a: Route, b: Route): boolean {
  if (a.state === 'live' && b.state === 'live') return a.host === b.host && a.podUID === b.podUID
  return a.state === b.state
}
