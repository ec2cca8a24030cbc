import type { Knex } from 'knex'
import type { TokenVerifier } from '@mytaek1/platform/auth.ts'
import { UnauthenticatedError } from '@mytaek1/platform/errors.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { RepeatedFailure } from '../repeated-failure.ts'
import { accessTokenSeconds } from './access-token.ts'

const pollMs = 2_000
const overlapMs = 10_000 // clocks of two Pods differ, and a transaction commits after its time
const readMax = 50_000

/**
 * The sessions whose access tokens are to be refused although they have not expired: those that ended within a token's
 * life. Each process reads the newly ended every two seconds; so an end counts everywhere in commerce by then.
 */
export class EndedSessions {
  #db: Knex
  #outage: RepeatedFailure
  #endedAt = new Map<string, number>() // session id → Unix milliseconds
  #readUntil = 0
  #timer: NodeJS.Timeout
  #reading = false

  constructor(db: Knex, log: Logger) {
    this.#db = db
    this.#outage = new RepeatedFailure(log, 'session.ends_not_read')
    this.#timer = setInterval(() => void this.#read(), pollMs) // its own catch logs
    void this.#read()
  }

  /** Refuses tokens of ended sessions, besides what `verify` refuses. */
  guard(verify: TokenVerifier): TokenVerifier {
    return async (token) => {
      const claims = await verify(token)
      if (this.#endedAt.has(claims.sid)) throw new UnauthenticatedError('The session has ended; sign in again')
      return claims
    }
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
      const rows = await this.#db('sessions')
        .where('ended_at', '>', new Date(Math.max(this.#readUntil - overlapMs, now - accessTokenSeconds * 1_000)))
        .limit(readMax)
        .select<{ id: string; ended_at: Date }[]>('id', 'ended_at')
      for (const { id, ended_at } of rows) this.#endedAt.set(id, ended_at.getTime())
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
