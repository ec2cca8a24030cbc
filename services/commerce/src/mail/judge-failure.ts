/**
 * What a failure says:
 *   server   nobody there, no TLS, no login, not as this sender: it is no mail's fault, and all wait for the server
 *   refused  the server will not take this mail (5yz): another try or two, for servers err, and a person must look
 *   later    not now (4yz), or the connection fell silent or ended, where the server may have taken it: this mail waits
 */
export type FailureKind = 'server' | 'refused' | 'later'

/** A failure without a word of the server's: those have addresses in them. */
export interface Failure {
  kind: FailureKind
  /** e.g. `EENVELOPE 550 RCPT TO` */
  code: string
}

/** A mail did not leave. */
export class SendFailure extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`The mail was not sent: ${failure.code}`)
    this.failure = failure
  }
}

const noWay = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])
const ofTheServer = new Set(['EAUTH', 'ENOAUTH', 'EDNS', 'ETLS', 'EPROXY', 'ECONFIG', 'EPROTOCOL'])

/** Judges what nodemailer threw. @see RFC 5321 section 4.2.1 (the first digit of a reply) */
export function judgeFailure(error: unknown): Failure {
  const { code = 'UNKNOWN', responseCode, command = '', isNoWay = false } = factsOf(error)
  const step = command.split(' ')[0] ?? ''
  const told = [code, responseCode, command.slice(0, 20)].filter((part) => part !== undefined && part !== '').join(' ')
  return { code: told.slice(0, 64).replaceAll(/[^ -~]/g, '?'), kind: kindOf({ code, responseCode, step, isNoWay }) }
}

function kindOf(facts: { code: string; responseCode?: number; step: string; isNoWay: boolean }): FailureKind {
  const { code, responseCode, step, isNoWay } = facts
  if (ofTheServer.has(code) || responseCode === 421 || isNoWay) return 'server'
  if (responseCode === undefined || responseCode < 500) return 'later'
  return step === 'RCPT' || step === 'DATA' ? 'refused' : 'server' // who greets, logs in or sends is the same for every mail
}

function factsOf(error: unknown): { code?: string; responseCode?: number; command?: string; isNoWay?: boolean } {
  if (typeof error !== 'object' || error === null) return {}
  const facts = error as { code?: unknown; responseCode?: unknown; command?: unknown; originalCode?: unknown }
  return {
    ...(typeof facts.code === 'string' && { code: facts.code }),
    ...(typeof facts.responseCode === 'number' && { responseCode: facts.responseCode }),
    ...(typeof facts.command === 'string' && { command: facts.command }),
    isNoWay: noWay.has(String(facts.originalCode)),
  }
}
