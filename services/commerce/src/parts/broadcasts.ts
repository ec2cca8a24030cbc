import { connectBroadcastObjects } from '../broadcasts/broadcast-objects.ts'
import { startObjectFollower } from '../broadcasts/follow-objects.ts'
import type { BroadcastsDeps } from '../broadcasts/routes.ts'
import { startObjectSync, type SyncDeps } from '../broadcasts/sync-objects.ts'
import type { Images } from './images.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

/** The Broadcast objects beside the rows. */
export type BroadcastObjectsPart = Pick<BroadcastsDeps, 'wakeSync' | 'adviceOf'>

/** Has objects follow rows and rows objects; with KUBERNETES=off requests pile up in their table and nothing goes live. */
export async function startBroadcastObjects(shared: Shared, { feed }: Live): Promise<BroadcastObjectsPart> {
  const { config, db, log, clock, readsNews, onClose } = shared
  if (config.KUBERNETES === 'off') {
    log.warn('commerce.without_kubernetes')
    return { wakeSync: () => undefined, adviceOf: () => undefined }
  }
  const objects = await connectBroadcastObjects({ kubeconfig: config.KUBECONFIG, namespace: config.NAMESPACE }, log)
  onClose(() => objects.close())
  const deps: SyncDeps = {
    db,
    objects,
    log,
    clock,
    stateChanged: (id, state) => {
      readsNews.changed(id)
      feed.announce(id, { type: 'state', data: { state } })
    },
  }
  const sync = startObjectSync(deps)
  onClose(() => sync.stop())
  const wakeSync = () => sync.wake()
  const follower = startObjectFollower({ ...deps, wakeSync, retentionMs: config.ENDED_OBJECT_SECONDS * 1_000 })
  onClose(() => follower.stop())
  return { wakeSync, adviceOf: (id) => follower.adviceOf(id) }
}

/** What the broadcasts' endpoints work with. */
export function broadcastsDeps(
  { config, db, verify, reads, readsNews, clock }: Shared,
  { live, objects, images }: { live: Live; objects: BroadcastObjectsPart; images: Images },
): BroadcastsDeps {
  return {
    db,
    verify,
    reads,
    images: images.uploads,
    viewersOf: live.viewersOf,
    ...objects,
    announce: (id, event) => {
      readsNews.changed(id) // first: who hears of it may read at once
      live.feed.announce(id, event)
    },
    dealChanged: (deal) => {
      readsNews.changed()
      live.feed.announceDeal(deal)
    },
    publicHttpUrl: config.PUBLIC_HTTP_URL.replace(/\/$/, ''),
    publicHlsUrl: config.PUBLIC_HLS_URL?.replace(/\/$/, ''),
    publicRtmpUrl: config.PUBLIC_RTMP_URL,
    clock,
    limits: images.limits,
  }
}
