/** When an encoder that is connected, but silent, counts as gone. */

/** Part durations without a part after which it does. */
const silenceParts = 2
/** ... however busy the machine is, but for the time in which nothing ran at all. */
const longestSilenceParts = 4
/** A timer this late was not called for want of CPU. */
const starvedMs = 50
/** The next look at an encoder that sends, but has not filled a part in time. */
const recheckMs = 100

/** The moment at which silence since the last part has lasted too long. */
export function silentFromMs(lastPartMs: number, partMs: number): number {
  return lastPartMs + silenceParts * partMs
}

/**
 * Decides at that moment, `lateMs` after it: a timer that fired late tells of everyone on this machine that they got no CPU,
 * so whoever feeds this process gets as long to catch up, a part at most.
 * @returns when to look again; undefined: the encoder is gone.
 */
export function waitsUntilMs(seen: {
  nowMs: number
  lateMs: number
  /** Whether anything came in since the timer fired. */
  sent: boolean
  lastPartMs: number
  partMs: number
}): number | undefined {
  const { nowMs, lateMs, sent, lastPartMs, partMs } = seen
  if (sent) return Math.max(silentFromMs(lastPartMs, partMs), nowMs + recheckMs)
  const mayCatchUp = lateMs > starvedMs && nowMs - lastPartMs < longestSilenceParts * partMs + lateMs
  return mayCatchUp ? nowMs + Math.min(lateMs, partMs) : undefined
}
