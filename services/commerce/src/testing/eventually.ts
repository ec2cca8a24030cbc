import { setTimeout as delay } from 'node:timers/promises'

/** Asks until `look` answers something else than undefined; throws naming `what` and the last thing seen. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  seen: () => unknown = () => undefined,
): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`never happened: ${what}; last: ${JSON.stringify(seen())}`)
    await delay(20)
  }
}
