import type { Money } from '@mytaek1/contracts/money.ts'
import type { Deal } from '@mytaek1/contracts/live-events.ts'

/** A price less what a deal takes off it; undefined: it takes nothing off this one, for nothing is sold for nothing. */
export const lowered = (price: Money, { off }: Pick<Deal, 'off'>): Money | undefined =>
  off.currency === price.currency && off.amount < price.amount
    ? { ...price, amount: price.amount - off.amount }
    : undefined
