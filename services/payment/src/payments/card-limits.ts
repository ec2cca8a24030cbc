import { AppError } from '@mytaek1/platform/errors.ts'
import { RateLimitedError, type Limit, type RateLimit } from '@mytaek1/platform/rate-limits.ts'

const windowSeconds = 600
const blockSeconds = 3_600
const binDigits = 8 // who issued the card; more of it is kept nowhere

/** Whose card it is that is tried: an account, from an address; the number is read only as far as its issuer. */
export interface CardOrigin {
  accountId: string
  address: string
  cardNumber: string
}

/** How many of what: cards within ten minutes, declines within an hour. */
export interface CardLimitNumbers {
  cardsPerAccount: number
  cardsPerAddress: number
  declinesPerAccount: number
  declinesPerAddress: number
  declinesPerBin: number
}

/** Too many cards of this account, address or issuer were declined: somebody tries stolen ones. */
export class TooManyDeclinesError extends AppError {
  readonly kind = 'too_many'
  readonly code = 'too_many_declines'
  override readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Too many cards were declined; no card is taken for a while')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Slows those down who try cards, and stops them after some declines. */
export interface CardLimits {
  /** A card is entered. @throws {RateLimitedError | TooManyDeclinesError} */
  enter(origin: CardOrigin): Promise<void>
  /** A card is about to be charged: its account may have been blocked since it was entered. @throws {TooManyDeclinesError} */
  charge(origin: CardOrigin): Promise<void>
  /** A card was declined. */
  declined(origin: CardOrigin): Promise<void>
}

/**
 * @param limit makes a named limit, counted over all Pods
 * @param hasPaid whether an account's card paid here before: what strangers do with an issuer's numbers is not held against it
 */
export function cardLimits(
  limit: (name: string, limit: Limit) => RateLimit,
  numbers: CardLimitNumbers,
  hasPaid: (accountId: string) => Promise<boolean>,
): CardLimits {
  const cards = {
    account: limit('cards of one account', { points: numbers.cardsPerAccount, seconds: windowSeconds }),
    address: limit('cards from one address', { points: numbers.cardsPerAddress, seconds: windowSeconds }),
  }
  const declines = [
    { of: 'accountId', points: numbers.declinesPerAccount },
    { of: 'address', points: numbers.declinesPerAddress },
    { of: 'bin', points: numbers.declinesPerBin }, // the last
  ] as const
  const blocks = declines.map(({ of, points }) => ({
    keyOf: (origin: CardOrigin) => (of === 'bin' ? origin.cardNumber.slice(0, binDigits) : origin[of]),
    limit: limit(`declines of one ${of}`, { points, seconds: blockSeconds }),
  }))
  const refuseBlocked = async (origin: CardOrigin, these: typeof blocks) => {
    try {
      await Promise.all(these.map((block) => block.limit.check(block.keyOf(origin))))
    } catch (error) {
      if (error instanceof RateLimitedError) throw new TooManyDeclinesError(error.retryAfterSeconds)
      throw error
    }
  }
  return {
    charge: (origin) => refuseBlocked(origin, blocks.slice(0, 1)), // the rest was looked at two minutes ago, at most
    enter: async (origin) => {
      await refuseBlocked(origin, blocks.slice(0, -1))
      await refuseBlocked(origin, blocks.slice(-1)).catch(async (error: unknown) => {
        if (!(error instanceof TooManyDeclinesError && (await hasPaid(origin.accountId)))) throw error
      })
      await Promise.all([cards.account.consume(origin.accountId), cards.address.consume(origin.address)])
    },
    declined: async (origin) => {
      const counted = blocks.map((block) => block.limit.consume(block.keyOf(origin)))
      // one beyond the limit is refused here, too, and is what the limit is for
      for (const result of await Promise.allSettled(counted)) {
        if (result.status === 'rejected' && !(result.reason instanceof RateLimitedError)) throw result.reason
      }
    },
  }
}
