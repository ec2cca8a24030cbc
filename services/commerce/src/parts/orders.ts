import type { Middleware } from 'koa'
import { startOutboxRelay } from '@mytaek1/platform/outbox-relay.ts'
import { ProductRevisions } from '../catalog/product-revisions.ts'
import type { Inventory } from '../inventory/engine.ts'
import { destinationsOf } from '../fulfilment/destinations.ts'
import { createAddressUnits } from '../orders/address-units.ts'
import { BroadcastOffers } from '../orders/broadcast-offers.ts'
import { internalOrdersRoutes } from '../orders/internal-routes.ts'
import type { OrdersDeps } from '../orders/routes.ts'
import type { WaitingDeps } from '../orders/waiting-routes.ts'
import type { Fulfilments } from './fulfilment.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

/** What tells payment of this service's events. */
export type Outbox = ReturnType<typeof startOutboxRelay>

/** Begins to tell payment what it has to know. */
export function startOutbox({ config, db, log, onClose }: Shared): Outbox {
  const targets = { payment: config.PAYMENT_URL }
  const outbox = startOutboxRelay({ db, targets, serviceToken: config.SERVICE_TOKEN, log })
  onClose(() => outbox.stop())
  return outbox
}

/** What the orders' endpoints work with. */
export function ordersDeps({ config, db, clock, firstRedis, limit }: Shared, inventory: Inventory): OrdersDeps {
  return {
    db,
    inventory,
    limit: limit('orders', { points: config.LIMIT_ORDERS_PER_MINUTE, seconds: 60 }),
    addressUnits: createAddressUnits(firstRedis, config.RESERVATION_SECONDS),
    offers: new BroadcastOffers(db),
    revisions: new ProductRevisions(db),
    destinations: destinationsOf({ db, clock }),
  }
}

/** What the endpoints of waiting lists work with; a place is an order to be, so it is as rare. */
export function waitingDeps({ config, db, limit }: Shared, inventory: Inventory): WaitingDeps {
  return { db, inventory, limit: limit('waiting places', { points: config.LIMIT_ORDERS_PER_MINUTE, seconds: 60 }) }
}

/** What payment asks and tells of orders. */
export function internalOrders(
  { db, log, serviceTokens }: Shared,
  {
    inventory,
    live,
    outbox,
    fulfilment,
  }: { inventory: Inventory; live: Live; outbox: Outbox; fulfilment: Fulfilments },
): Middleware[] {
  return internalOrdersRoutes({
    db,
    inventory,
    log,
    wakeOutbox: () => outbox.wake(),
    tellBuyers: (news) => live.orderNews.tell(news),
    follower: fulfilment.follower,
    serviceTokens,
  })
}
