/** What a bench prints: a table for people, then one line of JSON. */
type Row = readonly [what: string, value: string, target: string]

export class Report {
  #rows: Row[] = []

  /** @param target what was promised; empty for a figure that explains another. */
  add(what: string, value: string, target = ''): void {
    this.#rows.push([what, value, target])
  }

  print(result: object): void {
    const width = Math.max(...this.#rows.map(([what]) => what.length))
    for (const [what, value, target] of this.#rows)
      console.log(`${what.padEnd(width)}  ${value.padStart(14)}  ${target}`.trimEnd())
    console.log(JSON.stringify(result))
  }
}

/** The value that a `share` (0 to 1) of the values does not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export const round = (value: number) => Math.round(value * 100) / 100
