import { UnavailableError } from '@mytaek1/platform/errors.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'

/** What a try is counted by. */
export interface Try {
  limit: RateLimit
  key: string
}

/**
 * Does something of which only some failures count. A try is counted before it is made, so that many at once count, and
 * taken back unless its failure `costs` (undefined: none): what was too busy to be looked at costs nobody anything.
 *
 * @throws {RateLimitedError} too many counted before.
 */
export async function counted<T>(
  tries: readonly Try[],
  costs: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const taken: Try[] = []
  try {
    for (const each of tries) {
      await each.limit.consume(each.key)
      taken.push(each)
    }
    const result = await work()
    if (!costs(undefined)) await giveBack(taken)
    return result
  } catch (error) {
    if (!costs(error)) await giveBack(taken)
    throw error
  }
}

/** The same for what counts whenever it was looked at, whether it succeeds or not. */
export const consumed = <T>(tries: readonly Try[], work: () => Promise<T>): Promise<T> =>
  counted(tries, (error) => !(error instanceof UnavailableError), work)

const giveBack = (taken: readonly Try[]) => Promise.all(taken.map(({ limit, key }) => limit.giveBack(key)))
