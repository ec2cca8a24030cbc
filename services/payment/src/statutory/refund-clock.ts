import { isRestDay, plusDays } from './korean-holidays.ts'

const businessDays = 3
const perYear = 0.15
const koreaMs = 9 * 3_600_000 // no summer time

/** When money must be back, and what being late costs; `lateInterest` in minor units. */
export interface RefundClock {
  dueAt: Date
  lateDays: number
  lateInterest: number
}

/**
 * The clock of one refund: the money must be back within three business days of the moment from which it is owed (that day
 * not counted), and each day later costs 15 % a year, day by day, parts of a minor unit left out.
 *
 * @param refund.owedFrom the goods came back, or the order was called off before they were sent: when it was asked for
 * @param refund.endedAt when the money was back; null while it is not
 * @see E-Commerce Act (전자상거래 등에서의 소비자보호에 관한 법률) article 18 (2); its Enforcement Decree article 21-3: 연 100분의 15;
 *   Civil Act articles 157 (the first day does not count) and 161 (a Saturday or holiday moves the end)
 */
export function refundClock(refund: { owedFrom: Date; endedAt: Date | null; amount: number }, now: Date): RefundClock {
  let due = dateInKorea(refund.owedFrom)
  for (let left = businessDays; left > 0;) {
    due = plusDays(due, 1)
    if (!isRestDay(due)) left -= 1
  }
  const dueAt = new Date(Date.parse(due) + 86_400_000 - koreaMs - 1)
  const endedOn = dateInKorea(refund.endedAt ?? now)
  const lateDays = Math.max(0, Math.round((Date.parse(endedOn) - Date.parse(due)) / 86_400_000))
  return { dueAt, lateDays, lateInterest: Math.floor((refund.amount * perYear * lateDays) / 365) }
}

const dateInKorea = (at: Date) => new Date(at.getTime() + koreaMs).toISOString().slice(0, 10)
