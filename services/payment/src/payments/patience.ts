/**
 * How long somebody is asked who gives no clear word: a gateway that is away, or that refuses to give money back, or a buyer's
 * account that nobody told. Waits grow to a minute, after an hour to ten; after three days, some five hundred tries, it is set
 * aside: nobody asks any more by himself, and it is a person's case, at /admin and in `payment_set_aside`.
 *
 * What is set aside is due at a time that no process lives to see. So whatever hurries a payment that waits (a gateway's hint,
 * an operator) has it asked about once more, and only a clear word takes it from the list; with a buyer's account that was not
 * told before it is asked about for as long as at first.
 */
const firstWaitMs = 500
const longestWaitMs = 60_000
const slowAfterMs = 3_600_000
const slowWaitMs = 600_000
const askedForMs = 72 * 3_600_000

/** When what was set aside is due. */
export const setAside = new Date('9999-12-31T00:00:00.000Z')

/** Whether a payment or a refund waits for a person. */
export const isSetAside = (row: { next_attempt_at?: Date | null | undefined }) =>
  row.next_attempt_at !== null && row.next_attempt_at !== undefined && row.next_attempt_at >= setAside

/**
 * When to ask again.
 *
 * @param asked.since the first time in vain; null: this was it
 * @param asked.attempts how often it was taken up before
 */
export function nextAsk(asked: { since: Date | null; attempts: number }, now: Date): Date {
  const inVainMs = asked.since === null ? 0 : now.getTime() - asked.since.getTime()
  if (inVainMs >= askedForMs) return setAside
  const growing = Math.min(firstWaitMs * 2 ** Math.min(asked.attempts, 10), longestWaitMs)
  return new Date(now.getTime() + (inVainMs >= slowAfterMs ? slowWaitMs : growing))
}
