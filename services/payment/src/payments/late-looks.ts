/**
 * A payment that ended because its time was over may have been charged all the same: by a request that was longer under way
 * than anybody thought, by a gateway that ends no window itself, by a bank that took a deposit after its day. The word of it
 * may get lost, so such a payment is looked at again, whoever tells of it or not: half a minute, five minutes, an hour and a
 * day after its end.
 */
const afterMs = [30_000, 300_000, 3_600_000, 24 * 3_600_000] as const

/** The reasons of such ends: its gateway knew nothing of it, or nobody had paid. */
export const byTime = Object.freeze(['interrupted', 'expired'] as const)

/** When a payment that ended without money is looked at next, though nobody tells of it; null: never. */
export function nextLateLook(ended: { reason: string | null; at: Date }, now: Date): Date | null {
  if (!byTime.some((reason) => reason === ended.reason)) return null
  const next = afterMs.map((ms) => ended.at.getTime() + ms).find((at) => at > now.getTime())
  return next === undefined ? null : new Date(next)
}
