/** One line of JMeter's result file, as far as it is judged here. */
export interface Sample {
  /** Milliseconds of the epoch at which it began, and how long it took. */
  at: number
  elapsedMs: number
  label: string
  code: string
  success: boolean
}

/** Reads a result file (CSV with a header line); messages with commas or lines of their own are quoted in it. */
export function readSamples(csv: string): Sample[] {
  const [header, ...rows] = records(csv)
  const column = (name: string): number => {
    const index = header?.indexOf(name) ?? -1
    if (index < 0) throw new Error(`the result file has no column ${name}: ${header?.join(',') ?? 'it is empty'}`)
    return index
  }
  const [at, elapsed, label, code, success] = ['timeStamp', 'elapsed', 'label', 'responseCode', 'success'].map(column)
  return rows.map((row) => {
    const field = (index: number | undefined): string => row[index ?? -1] ?? ''
    return {
      at: Number(field(at)),
      elapsedMs: Number(field(elapsed)),
      label: field(label),
      code: field(code),
      success: field(success) === 'true',
    }
  })
}

/** How often each label came, with those that failed apart: `order`, `order failed`. */
export function countByLabel(samples: Iterable<{ label: string; success: boolean }>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { label, success } of samples) {
    const key = success ? label : `${label} failed`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Reads what a server wrote of each sample: `label,success`. */
export function readServed(text: string): { label: string; success: boolean }[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const comma = line.lastIndexOf(',')
      return { label: line.slice(0, comma), success: line.slice(comma + 1) === 'true' }
    })
}

/** Where two counts differ, in words; empty when they are equal. */
export function differences(report: ReadonlyMap<string, number>, served: ReadonlyMap<string, number>): string[] {
  const labels = [...new Set([...report.keys(), ...served.keys()])].toSorted()
  return labels
    .filter((label) => report.get(label) !== served.get(label))
    .map((label) => `${label}: ${report.get(label) ?? 0} in the report, ${served.get(label) ?? 0} served`)
}

/** Events a second in the middle of a run: its first and its last fifth are left out, people come and go in them. */
export function steadyRate(times: readonly number[]): number {
  if (times.length === 0) return 0
  // a loop: an argument list has an end
  const first = times.reduce((least, time) => Math.min(least, time), Infinity)
  const last = times.reduce((most, time) => Math.max(most, time), -Infinity)
  const fifth = (last - first) / 5
  const inside = times.filter((time) => time >= first + fifth && time < last - fifth)
  return fifth === 0 ? 0 : inside.length / ((fifth * 3) / 1_000)
}

/** The value that so many of the values (0 to 1) do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function records(csv: string): string[][] {
  const rows: string[][] = []
  const row: string[] = []
  let field = ''
  let isQuoted = false
  for (let index = 0; index < csv.length; index++) {
    const char = csv[index]
    if (isQuoted) {
      if (char !== '"') field += char
      else if (csv[index + 1] === '"') field += csv[index++]
      else isQuoted = false
    } else if (char === '"') isQuoted = true
    else if (char === ',' || char === '\n') {
      row.push(field)
      field = ''
      if (char === '\n') rows.push(row.splice(0))
    } else if (char !== '\r') field += char
  }
  if (field !== '' || row.length > 0) rows.push([...row, field])
  return rows
}
