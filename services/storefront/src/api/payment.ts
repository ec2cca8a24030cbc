/** The calls of payment's API (`/api/payment/v1`): the only ones that ever carry a card. */
import type { CardToken, Payment } from './model.ts'
import { callSignedIn } from './session.ts'

const base = '/api/payment/v1'

export interface CardDetails {
  number: string // digits only
  expiryMonth: number
  expiryYear: number // four digits
  cvc: string
}

/** Turns card details into a token that pays once and lives two minutes at most. */
export async function createCardToken(card: CardDetails): Promise<CardToken> {
  return (await callSignedIn({ method: 'POST', path: `${base}/card-tokens`, body: card })) as CardToken
}

/** Asks for an order to be paid; the answer means accepted, not paid. */
export async function requestPayment(
  input: { orderId: string; cardToken: string },
  idempotencyKey: string,
): Promise<Payment> {
  return (await callSignedIn({ method: 'POST', path: `${base}/payments`, body: input, idempotencyKey })) as Payment
}

export async function readPayment(id: string, signal?: AbortSignal): Promise<Payment> {
  return (await callSignedIn({ method: 'GET', path: `${base}/payments/${id}`, signal })) as Payment
}
