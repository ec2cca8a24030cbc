const unitMs = { h: 3_600_000, m: 60_000, s: 1_000 } as const

/** Milliseconds of a Go duration of hours, minutes and seconds: "1m30s" is 90,000. @throws {RangeError} any other text */
export function durationMs(text: string): number {
  if (!/^([0-9]+[hms])+$/.test(text)) throw new RangeError(`not a duration: ${JSON.stringify(text)}`)
  let total = 0
  for (const [, digits, unit] of text.matchAll(/([0-9]+)([hms])/g)) {
    total += Number(digits) * unitMs[unit as keyof typeof unitMs]
  }
  return total
}
