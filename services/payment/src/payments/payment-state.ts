/**
 * The states of a payment and the moves between them. Each move is one guarded UPDATE, so two workers can't make it twice.
 *
 * REQUESTED   accepted (202), the card waits in this process's memory
 * PROCESSING  the authorisation was sent to the card network
 * UNKNOWN     no answer came; left only by what the network says when asked, never by a guess
 * AUTHORIZED  the amount is held; commerce is asked to claim the order's reservation
 * CAPTURED    the money is taken: the reservation was alive when claimed
 * DECLINED    the network refused, or never got the request
 * CANCELED    authorised, but the reservation was gone: the hold was voided
 * PARTIALLY_REFUNDED, REFUNDED  part or all of the money went back
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
] as const
export type PaymentState = (typeof paymentStates)[number]

const moves: Readonly<Record<PaymentState, readonly PaymentState[]>> = Object.freeze({
  REQUESTED: ['PROCESSING', 'UNKNOWN', 'DECLINED'],
  PROCESSING: ['AUTHORIZED', 'DECLINED', 'UNKNOWN'],
  UNKNOWN: ['AUTHORIZED', 'DECLINED'],
  AUTHORIZED: ['CAPTURED', 'CANCELED'],
  CAPTURED: ['PARTIALLY_REFUNDED', 'REFUNDED'],
  PARTIALLY_REFUNDED: ['PARTIALLY_REFUNDED', 'REFUNDED'],
  DECLINED: [],
  CANCELED: [],
  REFUNDED: [],
})

/** Whether a payment may go from one state to another. */
export const mayMove = (from: PaymentState, to: PaymentState) => moves[from].includes(to)
