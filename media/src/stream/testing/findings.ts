/** What a conformance check saw: how many rules it looked at, and which were broken. */

/** One broken rule, by its section of draft-pantos-hls-rfc8216bis. */
export interface Violation {
  section: string
  rule: string
  detail: string
}

export class Findings {
  readonly violations: Violation[] = []
  /** Rules looked at, each time that one was. */
  checks = 0

  /** Counts a check. @returns `broken`, whether the rule was broken. */
  is(broken: boolean): boolean {
    this.checks += 1
    return broken
  }

  violate(section: string, rule: string, detail: string): void {
    this.violations.push({ section, rule, detail: detail.slice(0, 300) })
  }
}
