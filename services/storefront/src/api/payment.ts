/** The calls of payment's API: the only ones that ever carry a card, and only where one is entered on our page. */
import type {
  CardDetails,
  CardToken,
  Page,
  Payment,
  PaymentMethod,
  PaymentOffer,
  Refund,
  RefundAccount,
} from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/payment/v1'

/** Turns card details into a token that pays once and lives two minutes at most. */
export const createCardToken = (body: CardDetails): Promise<CardToken> =>
  operateSignedIn('post', `${base}/card-tokens`, { body })

/**
 * Asks for an order to be paid, with a card or by a method in its gateway's window; the answer means accepted, not paid. What
 * is free is asked for with neither.
 */
export const requestPayment = (
  body: { orderId: string; cardToken?: string; method?: PaymentMethod },
  idempotencyKey: string,
): Promise<Payment> => operateSignedIn('post', `${base}/payments`, { body, idempotencyKey })

export const readPayment = (id: string, signal?: AbortSignal): Promise<Payment> =>
  operateSignedIn('get', `${base}/payments/{id}`, { params: { id }, signal })

/** The signed-in buyer's newest payments. */
export const listPayments = (signal?: AbortSignal): Promise<Page<Payment>> =>
  operateSignedIn('get', `${base}/payments`, { query: { as: 'buyer', limit: 100 }, signal })

/** What went back of a payment, and what is on its way. */
export async function listRefunds(id: string, signal?: AbortSignal): Promise<Refund[]> {
  return (await operateSignedIn('get', `${base}/payments/{id}/refunds`, { params: { id }, signal })).items
}

/** The signed-in seller's newest sales. */
export async function listSales(signal?: AbortSignal): Promise<Payment[]> {
  return (await operateSignedIn('get', `${base}/payments`, { query: { as: 'seller' }, signal })).items
}

/** Gives all that is left of a payment back: its seller, or an admin. */
export async function refund(id: string, restock: boolean, idempotencyKey: string): Promise<void> {
  await operateSignedIn('post', `${base}/payments/{id}/refunds`, { params: { id }, body: { restock }, idempotencyKey })
}

/** How a price in a currency may be paid, the preferred first. @param live of an order that was placed in a broadcast */
export const listPaymentMethods = async (currency: string, live: boolean): Promise<PaymentOffer[]> =>
  (await operate('get', `${base}/payment-methods`, { query: { currency, live: live ? 'true' : 'false' } })).items

/** Its buyer will not pay in to the account any more. */
export const cancelDeposit = (id: string): Promise<Payment> =>
  operateSignedIn('post', `${base}/payments/{id}/cancellations`, { params: { id } })

/** On which account a buyer gets back what was paid into a virtual one. */
export async function tellRefundAccount(id: string, body: RefundAccount): Promise<void> {
  await operateSignedIn('put', `${base}/payments/{id}/refund-account`, { params: { id }, body })
}

/** What the signed-in seller is owed over some days of Korea's calendar, as CSV. */
export async function readStatement(from: string, to: string): Promise<string> {
  const answer: unknown = await operateSignedIn('get', `${base}/payouts`, { query: { from, to } })
  return typeof answer === 'string' ? answer : ''
}
