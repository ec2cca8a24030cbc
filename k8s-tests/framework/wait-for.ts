import { setTimeout as delay } from 'node:timers/promises'

const everyMs = 250

/**
 * Asks again and again until `probe` answers something, and fails with the last thing it saw.
 *
 * @param what as the failure says it: "the broadcast to be Live"
 * @param probe answers the value awaited, or `{ seen }` with what there is instead; its errors count as seen
 */
export async function waitFor<T>(
  what: string,
  timeoutSeconds: number,
  probe: () => Promise<T | Unmet>,
  intervalMs: number = everyMs,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1_000
  let seen: unknown
  for (;;) {
    try {
      const answer = await probe()
      if (!(answer instanceof Unmet)) return answer
      seen = answer.seen
    } catch (error) {
      seen = error
    }
    if (Date.now() > deadline) {
      const shown = seen instanceof Error ? seen.message : JSON.stringify(seen)
      throw new Error(`waited ${timeoutSeconds} s for ${what}; last seen: ${shown?.slice(0, 2_000)}`)
    }
    await delay(intervalMs)
  }
}

/** What a probe saw instead of what was awaited. */
export class Unmet {
  readonly seen: unknown
  constructor(seen: unknown) {
    this.seen = seen
  }
}

/** A probe's "not yet". */
export const notYet = (seen: unknown) => new Unmet(seen)
