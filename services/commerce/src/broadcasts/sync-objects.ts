/**
 * Works off the requests of `request-object-sync.ts`: brings one Broadcast object after the other to what the rows say.
 *
 * Any number of Pods may do so at once. A claim (due_at moved ahead) only spares double work. What keeps an old value
 * from overwriting a new one is the order inside `syncObject`: the object is read first and the rows after it, and the
 * write is refused if the object changed since. So every write that succeeds carries rows newer than the write before.
 *
 * What the platform team's rules refuse (an admission policy or webhook) no later try mends: the broadcast ends, and says
 * why. Everything else that fails is tried again, a full ResourceQuota too.
 */
import type { Knex } from 'knex'
import { refusalOf } from '@mytaek1/platform/kubernetes/error.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import type { BroadcastObjects } from './broadcast-objects.ts'
import type { BroadcastState } from './broadcast-state.ts'
import { decideObject, type DesiredBroadcast } from './desired-object.ts'
import { endRow, type EndDeps } from './end-row.ts'

const pollMs = 1_000
const claimMs = 30_000 // longer than the three calls of one sync can take
const batch = 20
const conflictRetries = 5

/** A running worker. */
export interface ObjectSync {
  /** Looks for requests now rather than at the next poll. */
  wake(): void
  stop(): Promise<void>
}

/** What syncing needs. */
export interface SyncDeps extends EndDeps {
  objects: BroadcastObjects
}

/** Starts working off requests, now and then every second. */
export function startObjectSync(deps: SyncDeps): ObjectSync {
  const stopping = new AbortController()
  let woken = Promise.withResolvers<void>()
  const outage = new RepeatedFailure(deps.log, 'broadcast.sync_unavailable')
  const loop = async () => {
    while (!stopping.signal.aborted) {
      woken = Promise.withResolvers<void>()
      let more = false
      try {
        more = await drain(deps)
        outage.worked()
      } catch (error) {
        outage.failed(error)
      }
      if (more) continue
      const timer = setTimeout(woken.resolve, pollMs)
      await woken.promise
      clearTimeout(timer)
    }
  }
  const done = loop()
  return {
    wake: () => woken.resolve(),
    stop: async () => {
      stopping.abort()
      woken.resolve()
      await done
    },
  }
}

// Answers whether there may be more to do at once.
async function drain(deps: SyncDeps): Promise<boolean> {
  const claimed = await claim(deps.db, deps.clock())
  for (const request of claimed) {
    try {
      const refusal = await syncObject(deps, request.broadcast_id)
      if (refusal !== undefined) await endRow(deps, request.broadcast_id, { endedBy: 'refused', refusal })
      await finish(deps.db, request, deps.clock())
    } catch (error) {
      deps.log.warn('broadcast.sync_failed', {
        broadcastId: request.broadcast_id,
        attempts: request.attempts + 1,
        error,
      })
      await postpone(deps.db, request, deps.clock(), error)
    }
  }
  return claimed.length === batch
}

/**
 * Brings one object to what the rows say; answers why, when a rule refuses the object altogether.
 *
 * @throws when the API does not answer, or does not let commerce do it.
 */
async function syncObject(
  { db, objects }: Pick<SyncDeps, 'db' | 'objects'>,
  broadcastId: string,
): Promise<string | undefined> {
  for (let attempt = 0; attempt < conflictRetries; attempt += 1) {
    const object = await objects.read(broadcastId)
    const row = await readDesired(db, broadcastId) // after the object, see above
    if (row === undefined) return undefined
    if (object !== undefined && !row.objectCreated) await markCreated(db, broadcastId)
    const action = decideObject(row, object)
    if (action.type === 'none') return undefined
    if (action.type === 'create') {
      const answer = await objects.create(action.body).catch(refusedOrThrown)
      if (typeof answer === 'string') return answer
      if (answer) {
        await markCreated(db, broadcastId)
        return undefined
      }
    }
    if (action.type === 'update' && object !== undefined && (await objects.update(object, action.spec)))
      return undefined
  }
  throw new Error(`Broadcast ${broadcastId} kept changing while it was written`)
}

function refusedOrThrown(error: unknown): string {
  const refusal = refusalOf(error)
  if (refusal === undefined) throw error
  return refusal
}

interface Request {
  broadcast_id: string
  requested: number
  attempts: number
}

async function claim(db: Knex, now: Date): Promise<Request[]> {
  const due = await db('broadcast_object_syncs')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(1)
    .first('broadcast_id')
  if (due === undefined) return [] // the common case costs no transaction
  return await db.transaction(async (trx) => {
    const rows = await trx('broadcast_object_syncs')
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(batch)
      .forUpdate()
      .skipLocked()
      .select<Request[]>('broadcast_id', 'requested', 'attempts')
    const ids = rows.map((row) => row.broadcast_id)
    await trx('broadcast_object_syncs')
      .whereIn('broadcast_id', ids)
      .update({ due_at: new Date(now.getTime() + claimMs) })
    return rows
  })
}

// A request that came during the sync has raised `requested`: then the row stays and is due.
async function finish(db: Knex, { broadcast_id, requested }: Request, now: Date): Promise<void> {
  const deleted = await db('broadcast_object_syncs').where({ broadcast_id, requested }).delete()
  if (deleted === 0) await db('broadcast_object_syncs').where({ broadcast_id }).update({ due_at: now })
}

async function postpone(
  db: Knex,
  { broadcast_id, requested, attempts }: Request,
  now: Date,
  error: unknown,
): Promise<void> {
  const delayMs = Math.min(500 * 2 ** attempts, 30_000) * (0.5 + Math.random() / 2)
  const last_error = (error instanceof Error ? error.message : String(error)).slice(0, 255)
  await db('broadcast_object_syncs')
    .where({ broadcast_id, requested })
    .update({ attempts: attempts + 1, due_at: new Date(now.getTime() + delayMs), last_error })
}

async function markCreated(db: Knex, id: string): Promise<void> {
  await db('broadcasts').where({ id }).update({ object_created: true })
}

async function readDesired(db: Knex, id: string): Promise<DesiredBroadcast | undefined> {
  const row = await db('broadcasts')
    .join('stream_keys', 'stream_keys.account_id', 'broadcasts.seller_id')
    .where('broadcasts.id', id)
    .first<DesiredRow | undefined>('id', 'seller_id', 'title', 'state', 'recording', 'object_created', 'sha256')
  return row && desiredOf(row)
}

/** The columns that decide what an object should say. */
export interface DesiredRow {
  id: string
  seller_id: string
  title: string
  state: BroadcastState
  recording: number
  object_created: number
  sha256: string
}

/** Presents those columns to `decideObject`. */
export function desiredOf(row: DesiredRow): DesiredBroadcast {
  return {
    id: row.id,
    sellerId: row.seller_id,
    title: row.title,
    state: row.state,
    streamKeySha256: row.sha256,
    recording: row.recording !== 0,
    objectCreated: row.object_created !== 0,
  }
}
