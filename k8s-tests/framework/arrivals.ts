/** When things came that should come all the time, and how long the longest wait for one was. */

/** The longest time without an arrival between two moments, ms. All times by performance.now(); `arrivals` ascend. */
export function longestGapMs(arrivals: readonly number[], fromMs: number, toMs: number): number {
  const before = arrivals.findLast((at) => at <= fromMs) ?? fromMs
  const inside = [before, ...arrivals.filter((at) => at > fromMs && at < toMs), toMs]
  return Math.round(Math.max(...inside.map((at, index) => at - (inside[index - 1] ?? at))))
}
