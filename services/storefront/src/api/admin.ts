/** The calls of payment's API that are for the people who run the platform. */
import type { AuditEntry, GatewayWord, Settlements, StuckPayments } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/payment/v1'

/** Payments, refunds and events that wait longer than they should. */
export const listStuck = (): Promise<StuckPayments> => operateSignedIn('get', `${base}/stuck-payments`, {})

/** The days that were compared with the gateways' settlements, and what differs. */
export const listSettlements = (): Promise<Settlements> => operateSignedIn('get', `${base}/settlements`, {})

/** Who did what, newest first. */
export async function listAudit(): Promise<AuditEntry[]> {
  return (await operateSignedIn('get', `${base}/audit`, {})).items
}

/** Has a payment or a refund taken up at once. */
export async function retry(kind: 'payments' | 'refunds', id: string): Promise<void> {
  if (kind === 'payments') await operateSignedIn('post', `${base}/payments/{id}/retries`, { params: { id } })
  else await operateSignedIn('post', `${base}/refunds/{id}/retries`, { params: { id } })
}

/** Has everything taken up at once that was set aside; answers how much that was. */
export async function retryAll(): Promise<number> {
  const { payments, refunds, events } = await operateSignedIn('post', `${base}/stuck-payments/retries`, {})
  return payments + refunds + events
}

/** Asks the gateway what it knows of a payment. */
export const askGateway = (id: string): Promise<GatewayWord> =>
  operateSignedIn('post', `${base}/payments/{id}/queries`, { params: { id } })

/** Has an event told again that was refused too often. */
export async function tellAgain(seq: number): Promise<void> {
  await operateSignedIn('post', `${base}/events/{seq}/retries`, { params: { seq } })
}
