import { z } from 'zod'

const share = z.number().min(0).max(1)

/** The faults of one answer, in the order in which they are drawn. */
const answerFaults = {
  timeoutBefore: share, // nothing done, no answer
  timeoutAfter: share, // done, no answer
  cut: share, // done, the connection is cut
  serverError: share, // 500, nothing done: the next try may succeed
  serverErrorAfter: share, // 500, and done
  tooMany: share, // 429, nothing done
  overdue: share, // taken up in time and done `overdueMs` later, whatever its sender's last moment was; no answer
}

/** What a call is about: charging (or opening a window or an account), asking, giving money back. */
export const verbs = ['approve', 'find', 'refund'] as const
export type Verb = (typeof verbs)[number]

const absentIsNever = (shape: Record<keyof typeof answerFaults, typeof share>) =>
  Object.fromEntries(Object.entries(shape).map(([name, each]) => [name, each.default(0)])) as {
    [name in keyof typeof answerFaults]: z.ZodDefault<typeof share>
  }

/**
 * How often the simulated network fails, as shares of its answers and webhooks, and how slow it is. All verbs are met,
 * refunds and questions, too, unless `byVerb` says otherwise of one; a card's own scenario and a request's header come first.
 */
export const faultsShape = z
  .strictObject({
    ...absentIsNever(answerFaults),
    byVerb: z.partialRecord(z.enum(verbs), z.strictObject(answerFaults).partial()).default({}),
    overdueMs: z.number().min(0).max(600_000).default(15_000),
    pending: share.default(0), // charged a second or two after the answer
    webhookLost: share.default(0),
    webhookDuplicate: share.default(0),
    webhookLate: share.default(0), // overtaken by later ones
    webhookForged: share.default(0), // followed by one that says another status than the ledger's
    depositUndone: share.default(0), // a deposit is DONE, waits again for some seconds, and is DONE
    settlementWrong: share.default(0), // rows of the settlement file whose payout is one won off
    settlementWithoutFees: share.default(0), // rows without the list `fees`
    medianMs: z.number().min(0).max(60_000).default(0),
    sigma: z.number().min(0).max(3).default(0), // of the log-normal latency; 0: always the median
    sessionMs: z
      .number()
      .min(0)
      .default(30 * 60_000), // to authenticate in the window
    confirmMs: z
      .number()
      .min(0)
      .default(10 * 60_000), // and to confirm after that
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
export type Fault = keyof typeof answerFaults | 'none'

/** Draws the fault of one answer. */
export function drawFault(faults: Faults, verb: Verb, random: () => number = Math.random): Fault {
  let left = random()
  for (const fault of faultNames) {
    left -= faults.byVerb[verb]?.[fault] ?? faults[fault]
    if (left < 0) return fault
  }
  return 'none'
}

/** The fault that a request's header `x-simulated-fault` asks for. */
export const askedFault = (header: string): Fault | undefined => faultNames.find((name) => name === header)

const faultNames = Object.keys(answerFaults) as (keyof typeof answerFaults)[]
