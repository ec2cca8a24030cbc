import type { CatalogDeps } from '../catalog/routes.ts'
import { removeUnusedImages } from '../catalog/unused-images.ts'
import type { Inventory } from '../inventory/engine.ts'
import { isMyTurn } from '../inventory/upkeep.ts'
import type { Images } from './images.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

const cleanEveryMs = 60_000 // one process of all

/** What the catalogue's endpoints work with: whoever watches hears of new stock and new prices. */
export function catalogDeps(
  { db, verify, reads, readsNews, clock }: Shared,
  { inventory, live, images }: { inventory: Inventory; live: Live; images: Images },
): CatalogDeps {
  return {
    db,
    stockChanged: (change) => inventory.announce(change),
    priceChanged: (change) => {
      readsNews.changed() // first: who hears of it may read at once
      live.feed.announcePrice(change)
    },
    images: images.uploads,
    verify,
    reads,
    clock,
    limits: images.limits,
  }
}

/** Has images leave the bucket that nothing shows any more. */
export function cleanImages({ db, redis, log, clock, onClose }: Shared, { store }: Images): void {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const stopping = new AbortController()
  const clean = async () => {
    if (busy || !(await isMyTurn(redis, 'images', cleanEveryMs))) return
    busy = true
    const removed = await removeUnusedImages({ db, store, log, signal: stopping.signal }, clock()).finally(
      () => (busy = false),
    )
    if (removed > 0) log.info('image.removed', { removed })
  }
  const timer = setInterval(() => {
    running = clean().catch((error: unknown) => log.warn('image.not_cleaned', { error }))
  }, cleanEveryMs)
  onClose(async () => {
    clearInterval(timer)
    stopping.abort()
    await running
  })
}
