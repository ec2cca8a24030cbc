import { Gauge } from 'prom-client'
import { outboxAgeSeconds, outboxSetAside } from '@mytaek1/platform/outbox.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

/** Metrics that are read when they are asked for; the inventory has its own. */
export function measure({ registry, db }: Shared, { feed }: Live): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  gauge('commerce_live_listeners', 'Open event streams of viewers', () => feed.listeners)
  gauge('commerce_outbox_age_seconds', 'Age of the oldest event that payment was not told yet', () =>
    outboxAgeSeconds(db),
  )
  gauge('commerce_outbox_set_aside', 'Events that payment refused too often: a person must look', () =>
    outboxSetAside(db),
  )
  gauge('commerce_object_syncs_waiting', 'Broadcast objects that still have to follow their rows', async () => {
    const [row] = await db('broadcast_object_syncs').count<{ waiting: number }[]>({ waiting: '*' })
    return row?.waiting ?? 0
  })
}
