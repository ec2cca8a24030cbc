/**
 * The way of an order from its payment to its end, and of what buyers ask for on it. Pure: who may do what, and what follows.
 *
 * PAID       the money is there                    → PREPARING, SHIPPED, CANCELED; of goods that are not shipped DELIVERED
 * PREPARING  the seller packs it                   → SHIPPED, CANCELED; of goods that are not shipped DELIVERED
 * SHIPPED    a carrier has it                      → SHIPPED (another tracking number), DELIVERED, CONFIRMED, RETURNED
 * DELIVERED  the buyer has it; a week to return it → CONFIRMED, by the buyer or after that week; RETURNED
 * CONFIRMED, CANCELED, RETURNED                    nothing follows
 *
 * A claim does not move the order while it is decided: a rejected or withdrawn one leaves it as it was.
 * CANCEL     REQUESTED → DONE, REJECTED, WITHDRAWN               before it is shipped, all of the order
 * RETURN     REQUESTED → COLLECTING → DONE; either → REJECTED; REQUESTED → WITHDRAWN     some units or all
 */

export const fulfilmentStates = [
  'PAID',
  'PREPARING',
  'SHIPPED',
  'DELIVERED',
  'CONFIRMED',
  'CANCELED',
  'RETURNED',
] as const
export type FulfilmentState = (typeof fulfilmentStates)[number]

export const deeds = ['prepare', 'ship', 'deliver', 'confirm', 'cancel', 'return'] as const
export type Deed = (typeof deeds)[number]

/** Who does it: `payment` when all of the money went back, `upkeep` when time is over. */
export type Doer = 'buyer' | 'seller' | 'payment' | 'upkeep'

export const claimKinds = ['CANCEL', 'RETURN'] as const
export type ClaimKind = (typeof claimKinds)[number]
export const claimStates = ['REQUESTED', 'COLLECTING', 'DONE', 'REJECTED', 'WITHDRAWN'] as const
export type ClaimState = (typeof claimStates)[number]
export const claimDeeds = ['collect', 'complete', 'reject', 'withdraw'] as const
export type ClaimDeed = (typeof claimDeeds)[number]

/** For how long after delivery units may be sent back (전자상거래법 제17조), and after which an order counts as confirmed. */
export const returnDays = 7

/** An order that was paid for is to be on its way within so many days (전자상거래법 제15조: three business days). */
export const dispatchDays = 3

const dayMs = 86_400_000

const moves: Readonly<Record<FulfilmentState, Partial<Record<Deed, FulfilmentState>>>> = Object.freeze({
  PAID: { prepare: 'PREPARING', ship: 'SHIPPED', deliver: 'DELIVERED', cancel: 'CANCELED' },
  PREPARING: { ship: 'SHIPPED', deliver: 'DELIVERED', cancel: 'CANCELED' },
  SHIPPED: { ship: 'SHIPPED', deliver: 'DELIVERED', confirm: 'CONFIRMED', return: 'RETURNED' },
  DELIVERED: { confirm: 'CONFIRMED', return: 'RETURNED' },
  CONFIRMED: {},
  CANCELED: {},
  RETURNED: {},
})

const doers: Readonly<Record<Deed, readonly Doer[]>> = Object.freeze({
  prepare: ['seller'],
  ship: ['seller'],
  deliver: ['seller'],
  confirm: ['buyer', 'upkeep'],
  cancel: ['seller', 'buyer', 'payment'],
  return: ['seller', 'payment'],
})

/** What an order becomes by a deed; undefined when it may not be done to it. */
export function nextState(
  order: { state: FulfilmentState; requiresShipping: boolean },
  deed: Deed,
  doer: Doer,
): FulfilmentState | undefined {
  if (!doers[deed].includes(doer)) return undefined
  const { state, requiresShipping } = order
  if (deed === 'ship' && !requiresShipping) return undefined
  if (deed === 'deliver' && requiresShipping && state !== 'SHIPPED') return undefined
  if (deed === 'confirm' && doer === 'upkeep' && state !== 'DELIVERED') return undefined
  // what is being packed already is called off by whoever packs it; its buyer asks for that by a claim
  if (deed === 'cancel' && doer === 'buyer' && state !== 'PAID') return undefined
  return moves[state][deed]
}

const claimMoves: Readonly<Record<ClaimKind, Partial<Record<ClaimState, Partial<Record<ClaimDeed, ClaimState>>>>>> =
  Object.freeze({
    CANCEL: { REQUESTED: { complete: 'DONE', reject: 'REJECTED', withdraw: 'WITHDRAWN' } },
    RETURN: {
      REQUESTED: { collect: 'COLLECTING', reject: 'REJECTED', withdraw: 'WITHDRAWN' },
      COLLECTING: { complete: 'DONE', reject: 'REJECTED' },
    },
  })

/** What a claim becomes by a deed of the seller's (`withdraw`: of the buyer's); undefined when it may not be done to it. */
export const nextClaimState = (
  { kind, state }: { kind: ClaimKind; state: ClaimState },
  deed: ClaimDeed,
): ClaimState | undefined => claimMoves[kind][state]?.[deed]

/** Whether a claim waits for somebody. */
export const isOpen = (state: ClaimState): boolean => state === 'REQUESTED' || state === 'COLLECTING'

/** Which kind of claim an order's buyer may make now; undefined: none. */
export function claimable(
  order: { state: FulfilmentState; deliveredAt: Date | null },
  now: Date,
): ClaimKind | undefined {
  if (order.state === 'PAID' || order.state === 'PREPARING') return 'CANCEL'
  // who has it before anybody said so need not wait for that
  if (order.state === 'SHIPPED') return 'RETURN'
  if (order.state !== 'DELIVERED') return undefined
  const until = confirmsAt(order.deliveredAt)
  return until === undefined || now < until ? 'RETURN' : undefined
}

/** When an order that was delivered counts as confirmed. */
export const confirmsAt = (deliveredAt: Date | null): Date | undefined =>
  deliveredAt === null ? undefined : new Date(deliveredAt.getTime() + returnDays * dayMs)

/** Whether an order should have been on its way by now. */
export const isLate = (order: { state: FulfilmentState; paidAt: Date }, now: Date): boolean =>
  (order.state === 'PAID' || order.state === 'PREPARING') &&
  now.getTime() - order.paidAt.getTime() > dispatchDays * dayMs
