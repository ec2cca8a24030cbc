import { isConnectionLost, isContention, isDuplicateKey } from '@mytaek1/platform/mysql.ts'

const contendedAttemptsMax = 50

/**
 * After how long a failed batch runs again. A duplicate key is a request whose order another process committed since we
 * looked: the next run finds it. A lost connection leaves the commit unknown: the next run, inside the row lock, finds
 * what it left. Anything else is a bug and no repetition mends it.
 */
export function retryDelay(
  error: unknown,
  attempt: number,
  retries: { inc(labels: { reason: string }): void },
): number | undefined {
  if (isContention(error) || isDuplicateKey(error)) {
    retries.inc({ reason: 'contention' })
    return attempt > contendedAttemptsMax ? undefined : Math.random() * Math.min(2 ** attempt, 50)
  }
  if (isConnectionLost(error)) {
    retries.inc({ reason: 'connection' })
    return Math.min(20 * 2 ** Math.min(attempt, 5), 500) * (0.5 + Math.random() / 2)
  }
  return undefined
}
