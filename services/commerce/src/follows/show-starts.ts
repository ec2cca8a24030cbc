/**
 * Tells followers who asked that a show has begun. That it began is one row, written in the transaction that made it live
 * (broadcasts/follow-objects.ts), so once a show; from there its followers get their mails page by page, each page in one
 * transaction with how far it got. A process that dies leaves the rest to another; nobody is told twice, for of a show and an
 * account there is one mail. A page waits until most mails of those before have left: mails go in their order, and a new
 * password, which is of use for half an hour, would wait behind a hundred thousand followers.
 */
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import type { Mails } from '../mail/enqueue-mail.ts'

const everyMs = 2_000
const followersAtOnce = 500
const usefulMinutes = 30 // as the mail itself
const keptDays = 30

/** What telling works with. */
export interface ShowStartsDeps {
  db: Knex
  mails: Mails
}

/** Tells a page of followers of one show that has begun; answers whether there may be more to do now. */
export async function tellFollowers({ db, mails }: ShowStartsDeps): Promise<boolean> {
  const [[row]] = (await db.raw(
    `SELECT COUNT(*) AS waiting FROM (
       SELECT 1 FROM mail_outbox WHERE kind = 'show_starts' AND due_at <= UTC_TIMESTAMP(3) LIMIT ${followersAtOnce}) due`,
  )) as [{ waiting: number }[]]
  if (row !== undefined && row.waiting >= followersAtOnce) return false
  return await inTransaction(db, async (trx) => {
    const [[start]] = (await trx.raw(
      `SELECT broadcast_id, told_to, started_at < UTC_TIMESTAMP(3) - INTERVAL ${usefulMinutes} MINUTE AS late
         FROM show_starts WHERE done_at IS NULL ORDER BY started_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    )) as [StartRow[]]
    if (start === undefined) return false
    const { broadcast_id: broadcastId, told_to: toldTo } = start
    const show = await trx('broadcasts')
      .where('id', broadcastId)
      .first<ShowRow | undefined>('seller_id', 'title', 'state', 'listed')
    const isWanted = mails.on && start.late === 0 && show?.listed === 1 && show.state !== 'ended'
    const rows: { follower_id: string }[] = !isWanted
      ? []
      : await trx('follows')
          .where({ seller_id: show.seller_id, notify: true })
          .where('follower_id', '>', toldTo)
          .orderBy('follower_id')
          .limit(followersAtOnce)
          .select('follower_id')
    await mails.enqueue(
      trx,
      rows.map(({ follower_id: accountId }) => ({
        kind: 'show_starts' as const,
        accountId,
        cause: broadcastId,
        data: { broadcastId, title: show?.title ?? '' },
      })),
    )
    const last = rows.at(-1)
    const isDone = last === undefined || rows.length < followersAtOnce
    await trx('show_starts')
      .where('broadcast_id', broadcastId)
      .update({ told_to: last?.follower_id ?? toldTo, done_at: isDone ? trx.raw('UTC_TIMESTAMP(3)') : null })
    return true
  })
}

/** Does so every two seconds; any number of processes may. Answers a function that stops it and waits for the page under way. */
export function startTellingFollowers(deps: ShowStartsDeps & { log: Logger }): () => Promise<void> {
  const outage = new RepeatedFailure(deps.log, 'follows.not_told')
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const round = async () => {
    while (!stopping.signal.aborted && (await tellFollowers(deps)));
    await deps.db.raw(`DELETE FROM show_starts WHERE done_at < UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY LIMIT 1000`)
    outage.worked()
  }
  const timer = setInterval(() => {
    running ??= round()
      .catch((error: unknown) => outage.failed(error))
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return async () => {
    stopping.abort()
    clearInterval(timer)
    await running
  }
}

interface StartRow {
  broadcast_id: string
  told_to: string
  late: number
}

interface ShowRow {
  seller_id: string
  title: string
  state: string
  listed: number
}
