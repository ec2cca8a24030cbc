/**
 * A session is a family of refresh tokens: each use of one makes the next. States of a session:
 *   live     created by sign-in; every refresh uses up all tokens that the family has and issues another
 *   ended    by sign-out, by an admin, or by reuse: a token used twice was copied, so whoever holds any of the family
 *            is signed out (RFC 9700 section 4.14.2)
 *   expired  30 days after sign-in, however often it was refreshed
 *
 * Within ten seconds a used token may be used again: two tabs refresh at once with the cookie that they share, and a page
 * reloaded at the wrong moment never saw the answer. Each such use issues a sibling. Of siblings one is ever used: that
 * uses up the others, so a thief who was quick enough to get one is found out at the next refresh, by either side.
 */
import type { Knex } from 'knex'
import { randomBytes } from 'node:crypto'
import { AppError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Account } from './account.ts'
import { sha256Hex } from './stream-key.ts'

/** How long a sign-in lasts. */
export const sessionSeconds = 30 * 86_400

const reuseGraceMs = 10_000
const sessionsPerDelete = 1_000

/** The refresh token leads to no live session. One message for every reason: its holder may be a thief. */
export class SessionEndedError extends AppError {
  readonly kind = 'unauthenticated'
  readonly code = 'session_ended'
  constructor() {
    super('The session has ended; sign in again')
  }
}

/** A session's newest refresh token: opaque, 256 random bits, kept as a hash. */
export interface RefreshGrant {
  sessionId: string
  account: Account
  refreshToken: string
  expiresAt: Date
}

/**
 * Opens a session for an account that has proved who it is; undefined when its password was changed meanwhile. The account's
 * row is held while the session is made, so whoever changes the password or deletes the account ends this session, too.
 */
export async function openSession(db: Knex, proved: Account, now: Date): Promise<RefreshGrant | undefined> {
  const sessionId = newId('ses')
  const expiresAt = new Date(now.getTime() + sessionSeconds * 1_000)
  return await inTransaction(db, async (trx) => {
    const account = await Account.query(trx).findById(proved.id).forShare()
    if (account?.passwordHash !== proved.passwordHash) return undefined
    await trx('sessions').insert({ id: sessionId, account_id: account.id, created_at: now, expires_at: expiresAt })
    const refreshToken = await issueRefreshToken(trx, sessionId, now)
    return { sessionId, account, refreshToken, expiresAt }
  })
}

/** Uses a refresh token and issues the next; a use of it later than ten seconds after its first ends the whole session. */
export async function refreshSession(db: Knex, refreshToken: string, now: Date): Promise<RefreshGrant> {
  const grant = await inTransaction(db, async (trx) => {
    const found = await lockToken(trx, refreshToken)
    if (found === undefined || found.ended_at !== null || found.expires_at <= now) return undefined
    if (found.used_at !== null && now.getTime() - found.used_at.getTime() > reuseGraceMs) {
      await trx('sessions').where('id', found.session_id).update({ ended_at: now, ended_by: 'reuse' })
      return undefined // committed, not thrown: the end of the session must last
    }
    if (found.used_at === null) {
      await trx('refresh_tokens').where('session_id', found.session_id).whereNull('used_at').update({ used_at: now })
    }
    const account = await Account.query(trx).findById(found.account_id)
    if (account === undefined) return undefined
    const next = await issueRefreshToken(trx, found.session_id, now)
    return { sessionId: found.session_id, account, refreshToken: next, expiresAt: found.expires_at }
  })
  if (grant === undefined) throw new SessionEndedError()
  return grant
}

/** Whose session a refresh token is of, which is not used up by the question; undefined when it could not be refreshed. */
export async function sessionOfToken(
  db: Knex,
  refreshToken: string,
  now: Date,
): Promise<{ accountId: string; sessionId: string } | undefined> {
  const found: Pick<TokenRow, 'account_id' | 'session_id' | 'used_at'> | undefined = await db('sessions')
    .join('refresh_tokens', 'refresh_tokens.session_id', 'sessions.id')
    .where('refresh_tokens.sha256', sha256Hex(refreshToken))
    .whereNull('sessions.ended_at')
    .where('sessions.expires_at', '>', now)
    .first('account_id', 'session_id', 'used_at')
  if (found === undefined) return undefined
  const isOver = found.used_at !== null && now.getTime() - found.used_at.getTime() > reuseGraceMs
  return isOver ? undefined : { accountId: found.account_id, sessionId: found.session_id }
}

/** Ends a session by its id; one that has ended stays as it is. */
export async function endSession(db: Knex, sessionId: string, now: Date): Promise<void> {
  await db('sessions').where('id', sessionId).whereNull('ended_at').update({ ended_at: now, ended_by: 'sign_out' })
}

/** Ends the sessions of an account but one; answers their ids. */
export async function endOtherSessions(
  trx: Knex.Transaction,
  { accountId, sessionId }: { accountId: string; sessionId: string },
  now: Date,
): Promise<string[]> {
  const others = await trx('sessions')
    .where('account_id', accountId)
    .whereNull('ended_at')
    .whereNot('id', sessionId)
    .forUpdate()
    .select<{ id: string }[]>('id')
  const ids = others.map(({ id }) => id)
  await trx('sessions').whereIn('id', ids).update({ ended_at: now, ended_by: 'sign_out' })
  return ids
}

/** A sign-in that lasts. */
export interface LiveSession {
  id: string
  createdAt: Date
  expiresAt: Date
}

/** An account's live sessions, the newest first; at most 100. */
export async function listSessions(db: Knex, accountId: string, now: Date): Promise<LiveSession[]> {
  const rows = await db('sessions')
    .where('account_id', accountId)
    .whereNull('ended_at')
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .limit(100)
    .select<{ id: string; created_at: Date; expires_at: Date }[]>('id', 'created_at', 'expires_at')
  return rows.map(({ id, created_at: createdAt, expires_at: expiresAt }) => ({ id, createdAt, expiresAt }))
}

/** Removes sessions that expired more than a day ago, with their tokens; 1,000 a statement and 1,000,000 a call. */
export async function removeExpiredSessions(db: Knex, now: Date): Promise<number> {
  const before = new Date(now.getTime() - 86_400_000)
  let removed = 0
  while (removed < 1_000_000) {
    const some = await db('sessions').where('expires_at', '<', before).limit(sessionsPerDelete).delete()
    removed += some
    if (some < sessionsPerDelete) break
  }
  return removed
}

interface TokenRow {
  session_id: string
  account_id: string
  used_at: Date | null
  ended_at: Date | null
  expires_at: Date
}

// Locks the session's row, so two uses of one family are decided one after the other.
async function lockToken(trx: Knex.Transaction, refreshToken: string): Promise<TokenRow | undefined> {
  return await trx<TokenRow>('sessions')
    .join('refresh_tokens', 'refresh_tokens.session_id', 'sessions.id')
    .where('refresh_tokens.sha256', sha256Hex(refreshToken))
    .forUpdate()
    .first<TokenRow>('session_id', 'account_id', 'used_at', 'ended_at', 'expires_at')
}

async function issueRefreshToken(trx: Knex.Transaction, sessionId: string, now: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await trx('refresh_tokens').insert({ sha256: sha256Hex(token), session_id: sessionId, issued_at: now })
  return token
}
