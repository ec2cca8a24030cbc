import { ProductRevisions } from '../catalog/product-revisions.ts'
import { followPayments } from '../fulfilment/follow-payments.ts'
import { mailShipped } from '../fulfilment/mail-shipped.ts'
import type { FulfilmentDeps } from '../fulfilment/routes.ts'
import { startFulfilmentUpkeep } from '../fulfilment/upkeep.ts'
import type { Inventory } from '../inventory/engine.ts'
import { mailsOfPayments } from '../orders/mails-of-payments.ts'
import type { OrderFollower } from '../orders/settle-order.ts'
import type { Live } from './live.ts'
import type { MailPart } from './mail.ts'
import type { Outbox } from './orders.ts'
import type { Shared } from './shared.ts'

/** The way of orders from their payment to a doorstep. */
export interface Fulfilments {
  deps: FulfilmentDeps
  /** Follows what payment says. */
  follower: OrderFollower
}

/** Begins what time does to orders that were paid for. */
export function startFulfilment(
  { config, db, firstRedis, log, clock, limit, onClose }: Shared,
  { inventory, live, outbox, mail: { mails } }: { inventory: Inventory; live: Live; outbox: Outbox; mail: MailPart },
): Fulfilments {
  const deps: FulfilmentDeps = {
    db,
    clock,
    revisions: new ProductRevisions(db),
    limit: limit('changes of orders', { points: config.LIMIT_CHANGES_PER_MINUTE, seconds: 60 }),
    tell: (news) => live.orderNews.tell(news),
    announceStock: (change) => inventory.announce(change),
    wakeOutbox: () => outbox.wake(),
    shipped: mails.on ? mailShipped : () => Promise.resolve(),
  }
  onClose(startFulfilmentUpkeep({ ...deps, redis: firstRedis, log }))
  return { deps, follower: mailsOfPayments(mails, followPayments({ ...deps, log })) }
}
