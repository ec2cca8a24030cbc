/** Who did what in a chat: written with the deed, so that there is none without its record. */
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { decodeCursor, toPage } from '../paging.ts'

const detailsMax = 300

/** What can be done. */
export const chatActs = Object.freeze([
  'delete',
  'mute',
  'ban',
  'shadow',
  'admit',
  'settings',
  'notice',
  'rules',
  'keep_reported',
  'remove_reported',
] as const)
export type ChatAct = (typeof chatActs)[number]

/** A deed to be written down. */
export interface NewAct {
  broadcastId: string
  act: ChatAct
  /** Whom it was done to. */
  accountId?: string | undefined
  details?: string
  /** Done as a moderator, whatever else the caller is. */
  asModerator?: boolean
}

/** One that was. */
export interface DoneAct {
  seq: number
  at: Date
  actorId: string
  actorRole: string
  act: ChatAct
  accountId: string | null
  details: string
}

/** Writes a deed down, in its transaction. */
export async function recordAct(
  trx: Knex.Transaction,
  { caller, now }: { caller: AccessTokenClaims; now: Date },
  { broadcastId, act, accountId, details = '', asModerator = false }: NewAct,
): Promise<void> {
  await trx('chat_acts').insert({
    broadcast_id: broadcastId,
    at: now,
    actor_id: caller.sub,
    actor_role: asModerator ? 'moderator' : caller.role,
    act,
    account_id: accountId ?? null,
    details: details.slice(0, detailsMax),
  })
}

/** One page of what was done in a broadcast's chat, newest first. */
export async function listActs(
  db: Knex,
  broadcastId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: DoneAct[]; nextCursor: string | null }> {
  const query = db('chat_acts').where('broadcast_id', broadcastId).orderBy('seq', 'desc')
  if (page.cursor !== undefined) void query.where('seq', '<', Number(decodeCursor(page.cursor).id) || 0)
  const rows: ActRow[] = await query
    .limit(page.limit + 1)
    .select('seq', 'at', 'actor_id', 'actor_role', 'act', 'account_id', 'details')
  const acts = rows.map(({ actor_id: actorId, actor_role: actorRole, account_id: accountId, ...row }) => ({
    ...row,
    actorId,
    actorRole,
    accountId,
  }))
  return toPage(acts, page.limit, ({ at, seq }) => ({ at, id: String(seq) }))
}

interface ActRow {
  seq: number
  at: Date
  actor_id: string
  actor_role: string
  act: ChatAct
  account_id: string | null
  details: string
}
