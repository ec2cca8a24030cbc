import { z } from 'zod'

const share = z.number().min(0).max(1).default(0)

/**
 * How often the simulated network fails, as shares of its answers and webhooks, and how slow it is. All verbs are met,
 * refunds and questions, too; a card's own scenario comes first.
 */
export const faultsShape = z
  .strictObject({
    timeoutBefore: share, // nothing done, no answer
    timeoutAfter: share, // done, no answer
    cut: share, // done, the connection is cut
    serverError: share, // 500, nothing done: the next try may succeed
    tooMany: share, // 429, nothing done
    pending: share, // charged a second or two after the answer
    webhookLost: share,
    webhookDuplicate: share,
    webhookLate: share, // overtaken by later ones
    medianMs: z.number().min(0).max(60_000).default(0),
    sigma: z.number().min(0).max(3).default(0), // of the log-normal latency; 0: always the median
  })
  .prefault({})
export type Faults = z.infer<typeof faultsShape>

/** Milliseconds that an answer takes: log-normal, as networks are. */
export function latencyOf({ medianMs, sigma }: Faults, random: () => number = Math.random): number {
  if (sigma === 0 || medianMs === 0) return medianMs
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) // Box-Muller
  return medianMs * Math.exp(sigma * normal)
}

/** What happens to one answer: the first that is drawn. */
export type Fault = 'timeoutBefore' | 'timeoutAfter' | 'cut' | 'serverError' | 'tooMany' | 'none'

/** Draws the fault of one answer. */
export function drawFault(faults: Faults, random: () => number = Math.random): Fault {
  let left = random()
  for (const fault of ['timeoutBefore', 'timeoutAfter', 'cut', 'serverError', 'tooMany'] as const) {
    left -= faults[fault]
    if (left < 0) return fault
  }
  return 'none'
}
