import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The engine's metrics. */
export type InventoryMetrics = ReturnType<typeof inventoryMetrics>

/** Registers the engine's metrics; call it once a registry. */
export function inventoryMetrics(registry: Registry, waiting: () => number) {
  const registers = [registry]
  const queue = new Gauge({
    name: 'inventory_orders_waiting',
    help: 'Orders that wait for their batch or are in one',
    registers,
    collect() {
      this.set(waiting())
    },
  })
  return {
    queue,
    orders: new Counter({
      name: 'inventory_orders_total',
      help: 'Answered order requests by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    batchOrders: new Histogram({
      name: 'inventory_batch_orders',
      help: 'Order requests in one transaction',
      buckets: [1, 4, 16, 64, 256, 1_024],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'inventory_batch_seconds',
      help: 'Seconds from taking the lock to the commit of a batch',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    locks: new Counter({
      name: 'inventory_locks_total',
      help: 'Batches by how they got their Redis lock; without it they run all the same',
      labelNames: ['result'] as const,
      registers,
    }),
    retries: new Counter({
      name: 'inventory_batch_retries_total',
      help: 'Batches that ran again, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    returned: new Counter({ name: 'inventory_orders_expired_total', help: 'Reservations that ran out', registers }),
    placesEnded: new Counter({
      name: 'inventory_waiting_places_ended_total',
      help: 'Places of waiting lists that ended without an order, mostly offers that nobody took',
      registers,
    }),
    books: new Gauge({
      name: 'inventory_books_faults',
      help: 'What did not add up when this process checked the books; -1 when another process did last',
      registers,
    }),
  }
}
