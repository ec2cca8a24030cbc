/** Whole seconds until a time, rounded up so that 0 means over; 0 for a time that cannot be read. */
export function secondsLeft(expiresAt: string, nowMs: number): number {
  const leftMs = Date.parse(expiresAt) - nowMs
  return Number.isNaN(leftMs) ? 0 : Math.max(0, Math.ceil(leftMs / 1_000))
}
