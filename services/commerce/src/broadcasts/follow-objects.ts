/**
 * Rows follow objects: the other half of `sync-objects.ts`. Rules, so that both sides end alike whatever happens:
 *   1. The status's conditions move a row between open, live and interrupted; an ended object ends it.
 *   2. An object that commerce made and that is deleted, or gone, ends its broadcast: `kubectl delete bc` is how a
 *      platform team stops a show. It does not come back; the seller may open the next one.
 *   3. An object that was never made (its request is lost) is requested again.
 *   4. A title, key hash or state that was edited by hand is put back; ladder, windows and recording are left alone.
 *   5. An object whose broadcast ended a while ago is deleted, and one whose row is unknown too: its key may not open
 *      anything (the database was restored from an older copy).
 * Every Pod follows all objects and comes to the same result; a write that would go back in the object's history is
 * refused by its resourceVersion (a number that only grows, KEP-5504).
 */
import type { Knex } from 'knex'
import { setTimeout as delay } from 'node:timers/promises'
import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import type { BroadcastObjects } from './broadcast-objects.ts'
import { observedState, openStates, type BroadcastState } from './broadcast-state.ts'
import { decideObject } from './desired-object.ts'
import { encoderAdviceOf, type EncoderAdvice } from './encoder-advice.ts'
import { endRow, type EndDeps } from './end-row.ts'
import { concernOf } from './object-concern.ts'
import { requestObjectSync } from './request-object-sync.ts'
import { desiredOf, type DesiredRow } from './sync-objects.ts'

const resyncMs = 60_000
const resyncRetryMs = 5_000
const retryMs = 1_000
const orphanAgeMs = 10 * 60_000
const pageSize = 500

/** What following needs; `retentionMs` is how long ended objects stay. */
export interface FollowDeps extends EndDeps {
  objects: BroadcastObjects
  wakeSync: () => void
  retentionMs: number
}

/** A running follower. */
export interface ObjectFollower {
  /** What the seller should change about a broadcast's encoder, as its object was last seen. */
  adviceOf(id: string): EncoderAdvice | undefined
  stop(): Promise<void>
}

/** Starts following, and compares everything once a minute. */
export function startObjectFollower(deps: FollowDeps): ObjectFollower {
  // the newest of each object that is still to be taken in; `undefined` is a deletion
  const dirty = new Map<string, BroadcastObject | undefined>()
  const advices = new Map<string, EncoderAdvice>()
  const concerns = new Map<string, string>()
  const stopping = new AbortController()
  let wake = Promise.withResolvers<void>()
  const mark = (id: string, object: BroadcastObject | undefined) => {
    const advice = object && encoderAdviceOf(object)
    if (advice === undefined) advices.delete(id)
    else advices.set(id, advice)
    const concern = object && concernOf(object)
    if (concern !== undefined && concerns.get(id) === concern) return
    if (concern === undefined) concerns.delete(id)
    else concerns.set(id, concern)
    dirty.set(id, object)
    wake.resolve()
  }
  const following = deps.objects.follow({
    onChange: (object) => mark(object.metadata.name, object),
    onDelete: (object) => mark(object.metadata.name, undefined),
  })

  const takeIn = async () => {
    while (!stopping.signal.aborted) {
      const next = dirty.entries().next().value
      if (next === undefined) {
        wake = Promise.withResolvers<void>()
        await wake.promise
        continue
      }
      const [id, object] = next
      dirty.delete(id)
      try {
        if (object === undefined) await endRow(deps, id, { endedBy: 'object_deleted' })
        else await followObject(deps, object)
      } catch (error) {
        deps.log.warn('broadcast.follow_failed', { broadcastId: id, error })
        if (!dirty.has(id)) dirty.set(id, object) // unless something newer came
        await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const outage = new RepeatedFailure(deps.log, 'broadcast.resync_failed')
  const resync = async () => {
    await following.synced.catch(() => undefined) // rejects when stopped: then the loop ends
    while (!stopping.signal.aborted) {
      let done = false
      try {
        await compareAll(deps, following.all())
        done = true
        outage.worked()
      } catch (error) {
        outage.failed(error)
      }
      await delay((done ? resyncMs : resyncRetryMs) * (0.75 + Math.random() / 2), undefined, {
        signal: stopping.signal,
      }).catch(() => undefined)
    }
  }
  const done = Promise.all([takeIn(), resync()])
  return {
    adviceOf: (id) => advices.get(id),
    stop: async () => {
      stopping.abort()
      wake.resolve()
      await following.stop()
      await done
    },
  }
}

type FollowedRow = DesiredRow & { object_version: number }

/** Takes one object's state into its row, and asks for a sync when the object does not say what the row does. */
export async function followObject(deps: FollowDeps, object: BroadcastObject): Promise<void> {
  const { db, clock } = deps
  const id = object.metadata.name
  if (object.unread !== undefined) return // a later version wrote it: nothing is concluded from half of it
  const row = await db('broadcasts')
    .join('stream_keys', 'stream_keys.account_id', 'broadcasts.seller_id')
    .where('broadcasts.id', id)
    .first<FollowedRow | undefined>(
      'id',
      'seller_id',
      'title',
      'state',
      'recording',
      'object_created',
      'object_version',
      'sha256',
    )
  if (row === undefined) return // rule 5, in compareAll: the row may only not be visible here yet
  if (openStates.includes(row.state)) {
    const state = observedState(object, row.state)
    if (state === 'ended') {
      const endedBy = object.metadata.deletionTimestamp === undefined ? 'object_ended' : 'object_deleted'
      await endRow(deps, id, { endedBy })
      return
    }
    if (state !== row.state) await moveRow(deps, row, state, object.metadata.resourceVersion)
  }
  if (decideObject(desiredOf(row), object).type !== 'none') {
    await requestObjectSync(db, id, clock())
    deps.wakeSync()
  }
}

async function moveRow(
  deps: FollowDeps,
  row: FollowedRow,
  state: BroadcastState,
  resourceVersion: string,
): Promise<void> {
  const now = deps.clock()
  const moved = await inTransaction(deps.db, async (trx) => {
    const changed = await trx('broadcasts')
      .where({ id: row.id, state: row.state })
      .andWhere('object_version', '<', resourceVersion)
      .update({
        state,
        object_version: resourceVersion,
        object_created: true,
        ...(state === 'live' ? { live_at: trx.raw('COALESCE(live_at, ?)', [now]) } : {}),
      })
    // a show begins once: its row here is what followers are told by (follows/show-starts.ts)
    if (changed > 0 && state === 'live') {
      const start = { broadcast_id: row.id, started_at: now }
      await trx('show_starts').insert(start).onConflict('broadcast_id').ignore()
    }
    return changed
  })
  if (moved === 0) return // another Pod was first
  deps.log.info('broadcast.state', { broadcastId: row.id, state })
  deps.stateChanged(row.id, state)
}

/** Compares all rows with all objects: what no event told, or what happened while nobody watched. */
export async function compareAll(deps: FollowDeps, seen: readonly BroadcastObject[]): Promise<void> {
  const byName = new Map(seen.map((object) => [object.metadata.name, object]))
  for await (const row of openRows(deps.db)) {
    const object = byName.get(row.id)
    if (object !== undefined) await followObject(deps, object)
    else if (row.object_created === 0) await requestObjectSync(deps.db, row.id, deps.clock())
    // asked for by name: it may be newer than what was seen
    else if (!(await deps.objects.exists(row.id))) await endRow(deps, row.id, { endedBy: 'object_deleted' })
  }
  for (const object of seen) await removeIfDone(deps, object)
}

async function removeIfDone(deps: FollowDeps, object: BroadcastObject): Promise<void> {
  const { metadata, status } = object
  if (metadata.deletionTimestamp !== undefined) return
  const now = deps.clock().getTime()
  const row = await deps
    .db('broadcasts')
    .where('id', metadata.name)
    .first<{ state: BroadcastState } | undefined>('state')
  const createdAt = Date.parse(metadata.creationTimestamp ?? '')
  const orphaned = row === undefined && now - createdAt > orphanAgeMs
  const done = row?.state === 'ended' && now - Date.parse(status?.endedAt ?? '') > deps.retentionMs
  if (orphaned || done) {
    deps.log.info('broadcast.object_removed', { broadcastId: metadata.name, orphaned })
    await deps.objects.remove(object)
  } else if (row?.state === 'ended' && object.spec.state === 'Open') {
    await followObject(deps, object)
  }
}

async function* openRows(db: Knex): AsyncGenerator<{ id: string; object_created: number }> {
  for (let after = ''; ;) {
    const rows = await db('broadcasts')
      .whereIn('state', openStates)
      .andWhere('id', '>', after)
      .orderBy('id')
      .limit(pageSize)
      .select<{ id: string; object_created: number }[]>('id', 'object_created')
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageSize) return
    after = last.id
  }
}
