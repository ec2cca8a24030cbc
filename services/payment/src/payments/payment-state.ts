/**
 * The states of a payment and the moves between them. Each move is one guarded UPDATE, so two workers can't make it twice.
 *
 * REQUESTED   accepted (202); the order is being claimed
 * PROCESSING  claimed, and the gateway was or is about to be asked to charge; with a hosted window, the buyer is there
 * UNKNOWN     no clear answer came; left only by what the gateway says when asked, never by a guess
 * WAITING_DEPOSIT  claimed, and the buyer was told an account; waits until money comes in or the account's time is over
 * CAPTURED    the money is taken
 * DECLINED    the gateway refused: no money was taken, the reservation runs on and another card may pay
 * CANCELED    never charged: the order could not be claimed, the window's time was over, or the process that held the card
 *             died before the gateway heard of it
 * PARTIALLY_REFUNDED, REFUNDED  part or all of the money went back
 *             DECLINED and CANCELED are left for UNKNOWN when money is found afterwards (late-money.ts)
 * AUTHORIZED  of payments that the version before accepted: held, and not taken yet
 */
export const paymentStates = [
  'REQUESTED',
  'PROCESSING',
  'UNKNOWN',
  'AUTHORIZED',
  'CAPTURED',
  'DECLINED',
  'CANCELED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'WAITING_DEPOSIT',
] as const
export type PaymentState = (typeof paymentStates)[number]

const moves: Readonly<Record<PaymentState, readonly PaymentState[]>> = Object.freeze({
  REQUESTED: ['PROCESSING', 'WAITING_DEPOSIT', 'UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED'],
  PROCESSING: ['UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED'],
  UNKNOWN: ['WAITING_DEPOSIT', 'UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED'],
  WAITING_DEPOSIT: ['CAPTURED', 'DECLINED', 'CANCELED'],
  AUTHORIZED: ['UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED'],
  CAPTURED: ['PARTIALLY_REFUNDED', 'REFUNDED'],
  PARTIALLY_REFUNDED: ['PARTIALLY_REFUNDED', 'REFUNDED'],
  DECLINED: ['UNKNOWN'],
  CANCELED: ['UNKNOWN'],
  REFUNDED: [],
})

/** Whether a payment may go from one state to another. */
export const mayMove = (from: PaymentState, to: PaymentState) => moves[from].includes(to)
