import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { isMyTurn } from '../inventory/upkeep.ts'
import { inviteDays } from './moderator-invites.ts'

const everyMs = 3_600_000
const keptDays = 180
const perDelete = 1_000

/** Forgets what nobody needs any more: reports and records of half a year ago, restrictions that are over, invites that nobody answered. Answers how many. */
export async function forgetOld(db: Knex): Promise<number> {
  const statements = [
    `DELETE FROM chat_reporters WHERE report_id IN
       (SELECT id FROM chat_reports WHERE reported_at < UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY) LIMIT ${perDelete}`,
    `DELETE FROM chat_reports WHERE reported_at < UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY
       AND NOT EXISTS (SELECT 1 FROM chat_reporters WHERE report_id = chat_reports.id) LIMIT ${perDelete}`,
    `DELETE FROM chat_acts WHERE at < UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY LIMIT ${perDelete}`,
    `DELETE FROM chat_moderator_invites WHERE invited_at < UTC_TIMESTAMP(3) - INTERVAL ${inviteDays} DAY LIMIT ${perDelete}`,
    `DELETE FROM chat_restrictions WHERE until_at < UTC_TIMESTAMP(3) LIMIT ${perDelete}`,
  ]
  let forgotten = 0
  for (const statement of statements) {
    const [result] = (await db.raw(statement)) as [{ affectedRows: number }]
    forgotten += result.affectedRows
  }
  return forgotten
}

/** Does so once an hour, one process of all; answers a function that stops it and waits for the run under way. */
export function startChatUpkeep({ db, redis, log }: { db: Knex; redis: Redis; log: Logger }): () => Promise<void> {
  let running: Promise<void> | undefined
  const round = async () => {
    if (await isMyTurn([redis], 'chat-old', everyMs - 60_000)) while ((await forgetOld(db)) >= perDelete);
  }
  const timer = setInterval(() => {
    running ??= round()
      .catch((error: unknown) => log.warn('chat.upkeep_failed', { error }))
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
