/**
 * What the simulated network does with a card, by its number: the test numbers that merchants know from public
 * processors' documentation, and a few for faults of the line.
 */
export type Scenario =
  | { kind: 'approve' }
  | { kind: 'refuse_cancels' } // charged, and never paid back
  | { kind: 'decline'; code: string } // one of Toss's codes
  | { kind: 'pending' } // charged a second after the answer
  | { kind: 'fail' } // 500, nothing done
  | { kind: 'approve_silently' } // charged, but the answer never comes
  | { kind: 'swallow' } // nothing done, and no answer

const scenarios: Readonly<Record<string, Scenario>> = Object.freeze({
  '4000000000000002': { kind: 'decline', code: 'REJECT_CARD_COMPANY' },
  '4000000000009995': { kind: 'decline', code: 'REJECT_CARD_PAYMENT' },
  '4000000000000069': { kind: 'decline', code: 'INVALID_CARD_EXPIRATION' },
  '4000000000000127': { kind: 'decline', code: 'INVALID_CARD_IDENTITY' },
  '4000000000005126': { kind: 'refuse_cancels' },
  '4000000000003220': { kind: 'pending' },
  '4000000000000119': { kind: 'fail' },
  '4000000000000341': { kind: 'approve_silently' },
  '4000000000000259': { kind: 'swallow' },
})

/** Every number that is not in the table is approved. */
export const scenarioOf = (number: string): Scenario => scenarios[number] ?? { kind: 'approve' }
