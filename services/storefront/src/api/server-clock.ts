/**
 * How far the server's clock is from this device's, without a call of its own. A `Date` header has whole seconds, so one
 * answer bounds the offset to a second plus its round trip; each further answer cuts the interval, down to the round trip.
 */
export interface ClockBounds {
  /** The server's time minus the device's, in milliseconds, is at least / at most this. */
  minMs: number
  maxMs: number
}

/** Nothing known: the device's clock is believed. */
export const unknownClock: ClockBounds = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY }

/**
 * Narrows the bounds by one answer. An answer that contradicts them (a clock was set) starts anew from itself.
 *
 * @param answer.date the `Date` header (RFC 9110 section 6.6.1); sentAt and receivedAt in milliseconds of the device's clock.
 */
export function narrow(
  bounds: ClockBounds,
  answer: { date: string | null; sentAt: number; receivedAt: number },
): ClockBounds {
  const second = answer.date === null ? Number.NaN : Date.parse(answer.date)
  if (Number.isNaN(second)) return bounds
  const fresh = { minMs: second - answer.receivedAt, maxMs: second + 1_000 - answer.sentAt }
  const both = { minMs: Math.max(bounds.minMs, fresh.minMs), maxMs: Math.min(bounds.maxMs, fresh.maxMs) }
  return both.minMs <= both.maxMs ? both : fresh
}

/** The best guess of the offset: 0 when it may be, so that a device with the right time is never corrected. */
export function offsetMs(bounds: ClockBounds): number {
  if (bounds.minMs <= 0 && bounds.maxMs >= 0) return 0
  return Math.round((bounds.minMs + bounds.maxMs) / 2)
}

let bounds = unknownClock

/** Takes an answer's `Date` into account; called by the HTTP client for each. */
export function observeServerDate(answer: { date: string | null; sentAt: number; receivedAt: number }): void {
  bounds = narrow(bounds, answer)
}

/** Now by the server's clock, in milliseconds since 1970: what `expiresAt` and programme dates are held against. */
export function serverNow(): number {
  return Date.now() + offsetMs(bounds)
}
