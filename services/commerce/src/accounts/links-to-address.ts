import { RateLimitedError, type RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { LinkPurpose } from '../mail/links.ts'
import { normaliseEmail } from './account.ts'

/** What counts the mails with a link for one purpose to one address, whoever causes them. */
export const linksTo = (email: string, purpose: LinkPurpose): string => `${purpose} ${normaliseEmail(email)}`

/** Counts one more, unless there were as many as may be: told to nobody, for whoever asked may be a stranger. */
export async function mayHaveMore(limit: RateLimit, key: string): Promise<boolean> {
  try {
    await limit.consume(key)
    return true
  } catch (error) {
    if (error instanceof RateLimitedError) return false
    throw error
  }
}
