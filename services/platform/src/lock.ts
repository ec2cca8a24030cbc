import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
// oxlint-disable-next-line no-restricted-imports -- this file is the one that knows redlock
import Redlock, { ExecutionError, ResourceLockedError, type Lock } from 'redlock'
import { afterRunning } from './running-time.ts'

const defaultWaitMs = 200
const pollMs = 2
const restMs = 1_000 // after Redis failed, nobody asks it for a lock for so long
const once = { retryCount: 0 }

/** No lock was got: somebody else held it all the time, or no quorum of the Redis masters answered. */
export class LockUnavailableError extends Error {
  readonly reason: 'contended' | 'unreachable'
  constructor(resource: string, reason: LockUnavailableError['reason'], options: { cause?: unknown } = {}) {
    super(`No lock on ${resource}: ${reason}`, options)
    this.reason = reason
  }
}

/** Locks shared by all processes that use the same Redis masters. */
export interface Locks {
  /**
   * Runs `work` while holding the lock on `resource`.
   *
   * A lock here is advice that keeps others from queueing on a database row; it never decides what is true. It may be
   * lost while `work` runs (Redis failed over, this process paused), so `work` must be right without it. It is never
   * extended: `work` should be done in `ttlMs`, and `signal` aborts at that moment.
   *
   * @param options.ttlMs the lock's life
   * @param options.waitMs how long to wait for another holder
   * @throws {LockUnavailableError} `work` did not run.
   */
  withLock<T>(
    resource: string,
    options: { ttlMs: number; waitMs?: number },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>
}

/**
 * Locks by the Redlock algorithm over one or more independent Redis masters.
 *
 * Of redlock 5.0.0-beta.2 (4.2.0, npm's `latest`, has neither types for ESM nor error classes) only acquire and release
 * are used: its `using()` spends seconds on a lock that is already lost, and its default retries are 200 ms apart.
 */
export function createLocks(clients: readonly Redis[]): Locks {
  const redlock = new Redlock(clients, once)
  let restUntil = 0

  const acquire = async (resource: string, ttlMs: number, waitMs: number): Promise<Lock> => {
    if (Date.now() < restUntil) throw new LockUnavailableError(resource, 'unreachable')
    const deadline = Date.now() + waitMs
    for (;;) {
      try {
        const lock = await redlock.acquire([resource], ttlMs)
        // a quorum that answered late may have granted a lock whose life is over already
        if (lock.expiration > Date.now()) return lock
        release(redlock, lock)
      } catch (error) {
        if (!(await isContended(error))) {
          restUntil = Date.now() + restMs
          throw new LockUnavailableError(resource, 'unreachable', { cause: error })
        }
      }
      if (Date.now() > deadline) throw new LockUnavailableError(resource, 'contended')
      await delay(pollMs * (0.5 + Math.random()))
    }
  }

  return {
    withLock: async (resource, { ttlMs, waitMs = defaultWaitMs }, work) => {
      const lock = await acquire(resource, ttlMs, waitMs)
      const lost = new AbortController()
      const timer = setTimeout(
        () => lost.abort(new Error(`The lock on ${resource} expired`)),
        lock.expiration - Date.now(),
      )
      try {
        return await work(lost.signal)
      } finally {
        clearTimeout(timer)
        release(redlock, lock)
      }
    },
  }
}

// Not awaited: a later acquire of ours goes over the same connections, so behind it; and a release that fails needs no
// repair, since the lock ends by itself.
function release(redlock: Redlock, lock: Lock): void {
  void redlock.release(lock, once).catch(() => undefined)
}

// An answer "locked" from any master means Redis works and somebody holds the lock or is also trying.
async function isContended(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false
  const attempt = error.attempts.at(-1)
  // the votes are in once every master answered; a hung one is not waited for
  const { promise: isLate, resolve } = Promise.withResolvers<undefined>()
  const timer = afterRunning(20, () => resolve(undefined))
  const votes = await Promise.race([attempt, isLate])
  clearTimeout(timer)
  return votes === undefined || [...votes.votesAgainst.values()].some((reason) => reason instanceof ResourceLockedError)
}
