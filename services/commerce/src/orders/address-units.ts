import type { Redis } from 'ioredis'
import { createCount } from '@mytaek1/platform/rate-limits.ts'

/** Counts the units of a product that came to an address lately: what hold-limits.ts judges an address by. */
export interface AddressUnits {
  /** Counts a request's units before it is decided, so that requests at once count; answers the sum, these among it. */
  take(address: string, productId: string, units: number): Promise<number>
  /** The request got nothing, or had its order before. */
  giveBack(address: string, productId: string, units: number): Promise<void>
}

/** Makes the count, for as long as a reservation lasts. */
export function createAddressUnits(redis: Redis, seconds: number): AddressUnits {
  const count = createCount(redis, { name: 'units of an address', seconds })
  const keyOf = (address: string, productId: string) => `${address} ${productId}`
  return {
    take: (address, productId, units) => count.add(keyOf(address, productId), units),
    giveBack: (address, productId, units) => count.takeBack(keyOf(address, productId), units),
  }
}
