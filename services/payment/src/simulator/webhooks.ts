import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Faults } from './faults.ts'
import type { TossView } from './ledger.ts'

const timeoutMs = 3_000
const lateMs = 3_000

/** Tells the shop that a payment changed, in Toss's words: unsigned, at most once or more, in any order, or never. */
export function webhookSender(options: {
  url: string | undefined
  log: Logger
  faults: () => Faults
}): (payment: TossView) => void {
  const { url, log } = options
  if (url === undefined) return () => undefined
  const send = async (payment: TossView) => {
    const faults = options.faults()
    if (Math.random() < faults.webhookLost) return
    if (Math.random() < faults.webhookLate) await delay(Math.random() * lateMs, undefined, { ref: false })
    const times = Math.random() < faults.webhookDuplicate ? 2 : 1
    const body = JSON.stringify({
      eventType: 'PAYMENT_STATUS_CHANGED',
      createdAt: new Date().toISOString(),
      data: payment,
    })
    const headers = { 'content-type': 'application/json' }
    for (let n = 0; n < times; n += 1) {
      const call = { method: 'POST', body, headers, redirect: 'error' } as const
      await (await fetch(url, { ...call, signal: AbortSignal.timeout(timeoutMs) })).body?.cancel()
    }
  }
  return (payment) => {
    send(payment).catch((error: unknown) => log.debug('simulator.webhook_lost', { error }))
  }
}
