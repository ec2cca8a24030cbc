import type { Fault } from './faults.ts'

/** What the simulated network does with a card; `fault` meets its charge, `cancels` what is to be given back of it later. */
export interface Scenario {
  declineCode?: string // one of Toss's codes
  pending?: boolean // charged a second after the answer
  fault?: Fault
  /** The fault meets the first try only. */
  once?: boolean
  cancels?: 'REFUSED' | 'SILENT' // SILENT: given back, but the first answer never comes
}

/**
 * By number: the test numbers that merchants know from public processors' documentation, and a few for faults of the line.
 * Every number that is not in the table is charged.
 */
const scenarios: Readonly<Record<string, Scenario>> = Object.freeze({
  '4000000000000002': { declineCode: 'REJECT_CARD_COMPANY' },
  '4000000000009995': { declineCode: 'REJECT_CARD_PAYMENT' },
  '4000000000009987': { declineCode: 'INVALID_CARD_LOST_OR_STOLEN' },
  '4000000000009979': { declineCode: 'INVALID_STOPPED_CARD' },
  '4000000000000069': { declineCode: 'INVALID_CARD_EXPIRATION' },
  '4000000000000127': { declineCode: 'INVALID_CARD_IDENTITY' },
  '4000000000000036': { declineCode: 'EXCEED_MAX_PAYMENT_AMOUNT' },
  '4000000000005126': { cancels: 'REFUSED' },
  '4000000000000044': { cancels: 'SILENT' },
  '4000000000003220': { pending: true },
  '4000000000000119': { fault: 'serverError' },
  '4000000000000135': { fault: 'serverError', once: true },
  '4000000000000143': { fault: 'serverErrorAfter' },
  '4000000000000150': { fault: 'tooMany', once: true },
  '4000000000000168': { fault: 'cut' },
  '4000000000000341': { fault: 'timeoutAfter' },
  '4000000000000259': { fault: 'timeoutBefore' },
})

export const scenarioOf = (number: string): Scenario => scenarios[number] ?? {}
