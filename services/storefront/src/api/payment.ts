/** The calls of payment's API: the only ones that ever carry a card. */
import type { CardDetails, CardToken, Payment } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/payment/v1'

/** Turns card details into a token that pays once and lives two minutes at most. */
export const createCardToken = (body: CardDetails): Promise<CardToken> =>
  operateSignedIn('post', `${base}/card-tokens`, { body })

/** Asks for an order to be paid; the answer means accepted, not paid. */
export const requestPayment = (
  body: { orderId: string; cardToken: string },
  idempotencyKey: string,
): Promise<Payment> => operateSignedIn('post', `${base}/payments`, { body, idempotencyKey })

export const readPayment = (id: string, signal?: AbortSignal): Promise<Payment> =>
  operateSignedIn('get', `${base}/payments/{id}`, { params: { id }, signal })
