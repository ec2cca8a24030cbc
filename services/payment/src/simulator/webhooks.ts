import { setTimeout as delay } from 'node:timers/promises'
import { callHttp } from '@mytaek1/platform/http-call.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Faults } from './faults.ts'
import type { TossView } from './ledger-row.ts'

const timeoutMs = 3_000
const lateMs = 3_000

/** Tells that a payment changed. */
export type Tell = (payment: TossView, event?: 'PAYMENT_STATUS_CHANGED' | 'DEPOSIT_CALLBACK') => void

/** Tells the shop that a payment changed, in Toss's words: unsigned, at most once or more, in any order, or never. */
export function webhookSender(options: { url: string | undefined; log: Logger; faults: () => Faults }): Tell {
  const { url, log } = options
  if (url === undefined) return () => undefined
  const post = async (body: object) => {
    const headers = { 'content-type': 'application/json' }
    await callHttp({ method: 'POST', url, headers, body: JSON.stringify(body), timeoutMs })
  }
  const send = async (payment: TossView, event: Parameters<Tell>[1]) => {
    const faults = options.faults()
    if (Math.random() < faults.webhookLost) return
    if (Math.random() < faults.webhookLate) await delay(Math.random() * lateMs, undefined, { ref: false })
    const times = Math.random() < faults.webhookDuplicate ? 2 : 1
    for (let n = 0; n < times; n += 1) await post(bodyOf(payment, event))
    if (Math.random() < faults.webhookForged) await post(bodyOf(forged(payment), event))
  }
  return (payment, event) => {
    send(payment, event).catch((error: unknown) => log.debug('simulator.webhook_lost', { error }))
  }
}

function bodyOf(payment: TossView, event: Parameters<Tell>[1] = 'PAYMENT_STATUS_CHANGED'): object {
  const createdAt = new Date().toISOString()
  if (event === 'PAYMENT_STATUS_CHANGED') return { eventType: event, createdAt, data: payment }
  const { orderId, status, secret, paymentKey: transactionKey } = payment
  return { createdAt, orderId, status, secret, transactionKey }
}

// as seen in the field: DONE and ABORTED of one payment, milliseconds apart; or sent by anybody
const forged = (payment: TossView): TossView => ({
  ...payment,
  status: payment.status === 'DONE' ? 'ABORTED' : 'DONE',
  totalAmount: payment.totalAmount + 1,
})
