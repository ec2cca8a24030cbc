import type { Locks } from '@mytaek1/platform/lock.ts'

/** Runs `work` under the lock on `resource`; throws LockUnavailableError when it did not run. */
export type SharedLock = <T>(resource: string, work: () => Promise<T>) => Promise<T>

interface Hold {
  users: number
  joinUntil: number
  leave: () => void
}

/**
 * Locks that work of one process holds together: who comes while another of its works holds the lock joins it, instead of
 * waiting for its own process. It is released when the last one ends. Other processes get their turn all the same: after
 * `joinMs` nobody joins, and who does then still has `ttlMs - joinMs` of the lock's life.
 */
export function shareLocks(
  locks: Locks,
  { joinMs, ...options }: { ttlMs: number; waitMs: number; joinMs: number },
): SharedLock {
  const holds = new Map<string, Hold>()

  async function join<T>(hold: Hold, work: () => Promise<T>): Promise<T> {
    hold.users += 1
    try {
      return await work()
    } finally {
      hold.users -= 1
      if (hold.users === 0) hold.leave()
    }
  }

  return async (resource, work) => {
    const held = holds.get(resource)
    if (held && Date.now() < held.joinUntil) return await join(held, work)
    return await new Promise((resolve, reject) => {
      const whileHeld = async () => {
        const left = Promise.withResolvers<void>()
        const leave = () => {
          if (holds.get(resource) === hold) holds.delete(resource) // else its life is over and the lock another one
          left.resolve()
        }
        const hold: Hold = { users: 0, joinUntil: Date.now() + joinMs, leave }
        holds.set(resource, hold)
        join(hold, work).then(resolve, reject)
        await left.promise
      }
      locks.withLock(resource, options, whileHeld).catch(reject)
    })
  }
}
