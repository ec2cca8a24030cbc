import type { CatalogDeps } from '../catalog/routes.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { Images } from './images.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

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
