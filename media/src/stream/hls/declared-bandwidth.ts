/** What the source's BANDWIDTH is taken for until its segments have been measured. */

/** Metadata is anyone's to write: a rate far from what comes would keep players from ever choosing the source. */
const mostTimesMeasured = 4
const mostAnnouncedBps = 200_000_000
const leastBps = 100_000
/** Peaks lie above averages, and fMP4 adds its headers. */
const headroom = 1.1

/**
 * @param announcedBps as the encoder's metadata says, if it does.
 * @param measuredBps as it comes in; 0 before anything has.
 * @returns bits per second, an integer.
 */
export function declaredBps(announcedBps: number | undefined, measuredBps: number): number {
  const most = measuredBps > 0 ? Math.min(mostAnnouncedBps, mostTimesMeasured * measuredBps) : mostAnnouncedBps
  const sourceBps = Math.max(Math.min(announcedBps ?? 0, most), measuredBps)
  return Math.round(Math.max(sourceBps * headroom, leastBps))
}
