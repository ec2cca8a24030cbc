/**
 * Messages that viewers reported: a queue for the show's seller and for admins. A row a message, with its words as they were
 * said, for the chat forgets; who reported it counts once.
 */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Broadcast } from '../broadcasts/broadcast.ts'
import { decodeCursor, toPage } from '../paging.ts'
import { recordAct } from './acts.ts'
import { findMessage } from './chat-log.ts'
import { deleteMessage, type ModerateDeps } from './moderate.ts'

/** Why somebody reports a message. */
export const reportReasons = Object.freeze(['abuse', 'spam', 'fraud', 'other'] as const)
export type ReportReason = (typeof reportReasons)[number]
export const reportStates = Object.freeze(['open', 'removed', 'kept'] as const)
export type ReportState = (typeof reportStates)[number]

/** A reported message. */
export interface Report {
  id: string
  broadcastId: string
  chatId: string
  authorId: string
  authorName: string
  text: string
  reason: ReportReason
  state: ReportState
  reporters: number
  reportedAt: Date
  decidedAt: Date | null
}

/** Puts a message into the queue; of one account a message is reported once, whatever is repeated. */
export async function reportMessage(
  { db, redis, now }: { db: Knex; redis: Redis; now: Date },
  caller: AccessTokenClaims,
  { broadcastId, chatId, reason }: { broadcastId: string; chatId: string; reason: ReportReason },
): Promise<void> {
  const broadcast = await Broadcast.query(db).findById(broadcastId).select('seller_id')
  if (broadcast === undefined) throw new NotFoundError('broadcast', broadcastId)
  const found = await findMessage(redis, broadcastId, chatId)
  const author = found?.message.author
  if (found === undefined || author === undefined) throw new NotFoundError('chat message', chatId)
  await inTransaction(db, async (trx) => {
    await trx('chat_reports')
      .insert({
        id: newId('rep'),
        broadcast_id: broadcastId,
        seller_id: broadcast.sellerId,
        chat_id: chatId,
        author_id: author.id,
        author_name: found.message.displayName,
        message: found.message.text,
        reason,
        reported_at: now,
      })
      .onConflict(['broadcast_id', 'chat_id'])
      .ignore()
    const row = await trx('chat_reports')
      .where({ broadcast_id: broadcastId, chat_id: chatId })
      .first<{ id: string } | undefined>('id')
    if (row === undefined) throw new NotFoundError('chat message', chatId)
    await trx('chat_reporters')
      .insert({ report_id: row.id, account_id: caller.sub })
      .onConflict(['report_id', 'account_id'])
      .ignore()
  })
}

/** One page of reports, the newest first: of a seller's shows, but not of what the seller said; or for an admin all. */
export async function listReports(
  db: Knex,
  caller: AccessTokenClaims,
  { state, limit, cursor }: { state: ReportState; limit: number; cursor?: string | undefined },
): Promise<{ items: Report[]; nextCursor: string | null }> {
  const query = db('chat_reports')
    .where('state', state)
    .orderBy([
      { column: 'reported_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
  if (caller.role !== 'admin') void query.where('seller_id', caller.sub).whereNot('author_id', caller.sub)
  if (cursor !== undefined) {
    const { at, id } = decodeCursor(cursor)
    void query.whereRaw('(reported_at, id) < (?, ?)', [at, id])
  }
  const rows: ReportRow[] = await query
    .limit(limit + 1)
    .select('chat_reports.*', db('chat_reporters').whereRaw('report_id = chat_reports.id').count('*').as('reporters'))
  return toPage(rows.map(toReport), limit, ({ reportedAt, id }) => ({ at: reportedAt, id }))
}

/**
 * Decides about a report: `removed` takes the message away where it still is, `kept` leaves it. One that was decided stays
 * so. Another's report is as good as none, and so is one of what the seller said: admins decide about it.
 */
export async function decideReport(
  deps: ModerateDeps,
  caller: AccessTokenClaims,
  { reportId, decision }: { reportId: string; decision: 'removed' | 'kept' },
): Promise<void> {
  const { db, now } = deps
  const row = await db('chat_reports').where('id', reportId).first<ReportRow | undefined>()
  const mayDecide = row?.seller_id === caller.sub && row.author_id !== caller.sub // nobody decides about oneself
  if (row === undefined || (!mayDecide && caller.role !== 'admin')) {
    throw new NotFoundError('report', reportId)
  }
  if (row.state !== 'open') return
  const { broadcast_id: broadcastId, chat_id: chatId } = row
  if (decision === 'removed') {
    const gone = await deleteMessage(deps, caller, { broadcastId, chatId, act: 'remove_reported' }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotFoundError) return false // the chat has forgotten it, or somebody was faster
        throw error
      },
    )
    if (gone) return
  }
  await inTransaction(db, async (trx) => {
    const decided = await trx('chat_reports')
      .where({ id: reportId, state: 'open' })
      .update({ state: decision, decided_at: now, decided_by: caller.sub })
    const act = decision === 'kept' ? 'keep_reported' : 'remove_reported'
    if (decided > 0) {
      await recordAct(trx, { caller, now }, { broadcastId, act, accountId: row.author_id, details: row.message })
    }
  })
}

interface ReportRow {
  id: string
  broadcast_id: string
  seller_id: string
  chat_id: string
  author_id: string
  author_name: string
  message: string
  reason: ReportReason
  state: ReportState
  reported_at: Date
  decided_at: Date | null
  reporters?: number
}

const toReport = (row: ReportRow): Report => ({
  id: row.id,
  broadcastId: row.broadcast_id,
  chatId: row.chat_id,
  authorId: row.author_id,
  authorName: row.author_name,
  text: row.message,
  reason: row.reason,
  state: row.state,
  reporters: row.reporters ?? 0,
  reportedAt: row.reported_at,
  decidedAt: row.decided_at,
})
