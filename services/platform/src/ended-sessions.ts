import { accessTokenSeconds, type EndedSession } from '@mytaek1/contracts/access-token.ts'
import type { TokenVerifier } from './auth.ts'
import { UnauthenticatedError } from './errors.ts'
import type { Logger } from './logger.ts'
import { RepeatedFailure } from './repeated-failure.ts'

const pollMs = 2_000
const overlapMs = 10_000 // clocks of two Pods differ, and a transaction commits after its time

/** Reads the sessions that ended after a time: commerce from its rows, other services from commerce. */
export type ReadEndedSessions = (since: Date) => Promise<readonly EndedSession[]>

/**
 * The sessions whose access tokens are to be refused although they have not expired: those that ended within a token's
 * life. Each process reads the newly ended every two seconds; so an end counts everywhere by then. While they cannot be
 * read, tokens are taken as before: nobody is locked out, and a token lives ten minutes at most.
 */
export class EndedSessions {
  #readEnded: ReadEndedSessions
  #outage: RepeatedFailure
  #endedAt = new Map<string, number>() // session id → Unix milliseconds
  #readUntil = 0
  #timer: NodeJS.Timeout
  #reading = false

  constructor(read: ReadEndedSessions, log: Logger) {
    this.#readEnded = read
    this.#outage = new RepeatedFailure(log, 'session.ends_not_read')
    this.#timer = setInterval(() => void this.#read(), pollMs) // its own catch logs
    void this.#read()
  }

  /** Refuses tokens of ended sessions, besides what `verify` refuses. */
  guard(verify: TokenVerifier): TokenVerifier {
    return async (token) => {
      const claims = await verify(token)
      if (this.has(claims.sid)) throw new UnauthenticatedError('The session has ended; sign in again')
      return claims
    }
  }

  /** Whether a session ended lately, as far as this process knows. */
  has(sessionId: string): boolean {
    return this.#endedAt.has(sessionId)
  }

  /** Takes in an end that this process made, before the next reading. */
  add(sessionId: string, now: Date): void {
    this.#endedAt.set(sessionId, now.getTime())
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #read(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    const now = Date.now()
    try {
      const since = Math.max(this.#readUntil - overlapMs, now - accessTokenSeconds * 1_000)
      for (const { id, endedAt } of await this.#readEnded(new Date(since))) this.#endedAt.set(id, endedAt)
      this.#readUntil = now
      this.#outage.worked()
      for (const [id, endedAt] of this.#endedAt) {
        if (endedAt < now - (accessTokenSeconds * 1_000 + overlapMs)) this.#endedAt.delete(id)
      }
    } catch (error) {
      this.#outage.failed(error)
    } finally {
      this.#reading = false
    }
  }
}
