import type { Claim } from './claim.ts'
import type { Fulfilment, Party } from './fulfilment.ts'
import { claimable, isOpen, nextState } from './order-life.ts'

/** What a party may do to an order now: what its page offers. `cancel` and `return` of a buyer's are claims. */
export const mayDoes = ['address', 'prepare', 'ship', 'deliver', 'confirm', 'cancel', 'return'] as const
export type MayDo = (typeof mayDoes)[number]

/**
 * Lists what a party may do to an order.
 *
 * @param order.fulfilment undefined: it is not paid for
 */
export function mayDo(
  order: {
    state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'
    requiresShipping: boolean
    fulfilment: Fulfilment | undefined
    claims: readonly Claim[]
  },
  party: Party,
  now: Date,
): MayDo[] {
  const { state, requiresShipping, fulfilment, claims } = order
  const may: MayDo[] = []
  const isBeforeShipment = fulfilment === undefined || fulfilment.state === 'PAID' || fulfilment.state === 'PREPARING'
  const isAlive = state === 'RESERVED' || state === 'PAID'
  if (party === 'buyer' && isAlive && requiresShipping && isBeforeShipment) may.push('address')
  if (fulfilment === undefined || claims.some((claim) => isOpen(claim.state))) return may
  if (party === 'seller') {
    const deeds = ['prepare', 'ship', 'deliver', 'cancel'] as const
    const isPaid = state === 'PAID'
    return deeds.filter(
      (deed) => nextState(fulfilment, deed, 'seller') && (isPaid || deed === 'deliver' || deed === 'prepare'),
    )
  }
  if (nextState(fulfilment, 'confirm', 'buyer')) may.push('confirm')
  const kind = state === 'PAID' ? claimable(fulfilment, now) : undefined
  if (kind !== undefined) may.push(kind === 'CANCEL' ? 'cancel' : 'return')
  return may
}
