import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { openStates, type BroadcastState } from './broadcast-state.ts'
import type { EndedBy } from './broadcast.ts'

const refusalMax = 255

/** What ending a broadcast from the Kubernetes side needs; `stateChanged` is told after the row changed. */
export interface EndDeps {
  db: Knex
  log: Logger
  clock: () => Date
  stateChanged: (broadcastId: string, state: BroadcastState) => void
}

/** Ends an open broadcast; one that has ended stays as it is. `refusal` says why the platform did not take it. */
export async function endRow(
  deps: EndDeps,
  id: string,
  end: { endedBy: EndedBy; refusal?: string | undefined },
): Promise<void> {
  const ended = await deps
    .db('broadcasts')
    .where({ id })
    .whereIn('state', openStates)
    .update({
      state: 'ended',
      ended_at: deps.clock(),
      ended_by: end.endedBy,
      refusal: end.refusal?.slice(0, refusalMax) ?? null,
    })
  if (ended === 0) return
  deps.log.info('broadcast.state', { broadcastId: id, state: 'ended', ...end })
  deps.stateChanged(id, 'ended')
}
