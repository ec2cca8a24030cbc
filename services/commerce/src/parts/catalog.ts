import { BoundedQueue } from '../bounded-queue.ts'
import type { CatalogDeps } from '../catalog/routes.ts'
import { catchUpIndex } from '../catalog/search-index.ts'
import { removeUnusedImages } from '../catalog/unused-images.ts'
import type { Inventory } from '../inventory/engine.ts'
import { isMyTurn } from '../inventory/upkeep.ts'
import type { Images } from './images.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

const indexEveryMs = 10 * 60_000 // one process of all
const cleanEveryMs = 60_000 // one process of all

/** What the catalogue's endpoints work with: whoever watches hears of new stock and new prices. */
export function catalogDeps(
  { db, verify, reads, readsNews, clock, limit }: Shared,
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
    searches: new BoundedQueue({ name: 'searches', concurrency: 4, maxWaiting: 64, deadlineMs: 2_000 }),
    files: {
      limit: limit('product files', { points: 120, seconds: 60 }), // the largest file takes two dozen requests
      work: new BoundedQueue({ name: 'product files', concurrency: 2, maxWaiting: 16, deadlineMs: 20_000 }),
    },
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

/** Has products found that a process of the version before made or named; begins at once. */
export function keepSearchIndex({ db, redis, log, onClose }: Shared): void {
  const stopping = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const catchUp = async () => {
    if (busy || !(await isMyTurn(redis, 'search-index', indexEveryMs))) return
    busy = true
    const made = await catchUpIndex(db, stopping.signal).finally(() => (busy = false))
    if (made > 0) log.info('search.caught_up', { made })
  }
  const start = () => {
    running = catchUp().catch((error: unknown) => log.warn('search.not_caught_up', { error }))
  }
  start()
  const timer = setInterval(start, indexEveryMs)
  onClose(async () => {
    clearInterval(timer)
    stopping.abort()
    await running
  })
}
