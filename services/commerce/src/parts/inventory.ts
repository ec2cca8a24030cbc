import { createLocks } from '@mytaek1/platform/lock.ts'
import { createInventory, type Inventory } from '../inventory/engine.ts'
import type { Shared } from './shared.ts'

/** Starts the engine: orders are taken from now on, and what expires is swept. */
export function startInventory({ config, db, redis, log, registry, onClose }: Shared): Inventory {
  const inventory = createInventory({
    db,
    locks: createLocks(redis),
    redis,
    log,
    registry,
    reservationSeconds: config.RESERVATION_SECONDS,
    holdLimits: { units: config.UNPAID_UNITS_PER_BUYER, orders: config.UNPAID_ORDERS_PER_BUYER },
  })
  inventory.start()
  onClose(() => inventory.stop())
  return inventory
}
