/** The parts of redlock 5.0.0-beta.2 that lock.ts uses: the package's own types are not reachable through its `exports`. */
declare module 'redlock' {
  import type { Redis } from 'ioredis'

  export interface Settings {
    driftFactor: number
    retryCount: number
    retryDelay: number
    retryJitter: number
    automaticExtensionThreshold: number
  }

  /** Somebody else holds one of the resources. */
  export class ResourceLockedError extends Error {}

  /** No quorum within the allowed attempts; each attempt tells who voted against and why. */
  export class ExecutionError extends Error {
    readonly attempts: readonly Promise<{ votesAgainst: ReadonlyMap<Redis, Error> }>[]
  }

  /** A held lock; `expiration` is in milliseconds since the epoch, drift taken off. */
  export interface Lock {
    readonly expiration: number
  }

  export default class Redlock {
    constructor(clients: Iterable<Redis>, settings?: Partial<Settings>)
    acquire(resources: string[], durationMs: number, settings?: Partial<Settings>): Promise<Lock>
    release(lock: Lock, settings?: Partial<Settings>): Promise<unknown>
  }
}
