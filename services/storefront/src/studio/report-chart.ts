/** The report's picture as values: where the line of viewers and the bars of orders are, in a box of 100 by 100. */

interface Minute {
  at: string
  viewers: number | null
  orders: number
}

/** A bar: its place and height. */
export interface Bar {
  x: number
  width: number
  height: number
}

/** Lays minutes out by their time; viewers and orders each fill the height by their own most. */
export function chartOf(minutes: readonly Minute[]): { line: string; bars: Bar[] } {
  const times = minutes.map(({ at }) => Date.parse(at))
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const whole = Math.max(last - first, 60_000) + 60_000
  const width = (60_000 / whole) * 100
  const mostViewers = Math.max(1, ...minutes.map(({ viewers }) => viewers ?? 0))
  const mostOrders = Math.max(1, ...minutes.map(({ orders }) => orders))
  const xOf = (index: number) => (((times[index] ?? first) - first) / whole) * 100
  const round = (value: number) => Math.round(value * 100) / 100
  const line = minutes.flatMap(({ viewers }, index) =>
    viewers === null ? [] : [`${round(xOf(index) + width / 2)},${round(100 - (viewers / mostViewers) * 95)}`],
  )
  const bars = minutes.flatMap(({ orders }, index) =>
    orders === 0
      ? []
      : [{ x: round(xOf(index)), width: round(width * 0.8), height: round((orders / mostOrders) * 95) }],
  )
  return { line: line.join(' '), bars }
}
