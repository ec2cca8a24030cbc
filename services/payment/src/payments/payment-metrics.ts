import type { Knex } from 'knex'
import { Gauge, type Registry } from 'prom-client'
import { z } from 'zod'
import { settlementState } from '../settlement/daily-round.ts'
import { setAside } from './patience.ts'
import { refundClock } from '../statutory/refund-clock.ts'

const refundsRead = 1_000
const freshMs = 1_000
const openStates = ['REQUESTED', 'PROCESSING', 'UNKNOWN', 'WAITING_DEPOSIT'] as const

const openShape = z.array(
  z.object({
    state: z.string(),
    count: z.coerce.number(),
    aside: z.coerce.number(),
    oldest: z.date().nullable(),
    owed: z.date().nullable(),
  }),
)

/**
 * What is under way, by state, and how old the oldest is: read through the index of what is driven, so in time that grows with
 * what is open and not with all payments. What ended is counted as it ends (measured-gateway.ts).
 */
export function measurePayments(registry: Registry, db: Knex): void {
  const payments = oneReading(() => readOpen(db))
  const refunds = oneReading(() => readRefunds(db))
  const settlement = oneReading(() => settlementState(db, new Date()))
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  const ageOf = (oldest: Date | null | undefined) => (oldest ? (Date.now() - oldest.getTime()) / 1_000 : 0)
  const age = async (state: string) => ageOf((await payments()).get(state)?.oldest)
  labelled(registry, 'payment_open', 'Payments without an ending, by state', 'state', async () => {
    const open = await payments()
    return openStates.map((state) => [state, open.get(state)?.count ?? 0])
  })
  gauge('payment_oldest_unknown_seconds', 'Age of the oldest payment of which the gateway gave no clear word', () =>
    age('UNKNOWN'),
  )
  gauge('payment_oldest_unclaimed_seconds', 'Age of the oldest payment that is accepted only', () => age('REQUESTED'))
  gauge('payment_oldest_refund_seconds', 'Age of the oldest refund that is under way', async () =>
    ageOf((await refunds())[0]),
  )
  gauge(
    'payment_oldest_owed_seconds',
    'Age of the oldest money that no order is paid with and that did not go back',
    async () => {
      const owed = [...(await payments()).values()].flatMap((row) => row.owed ?? [])
      return ageOf(owed.reduce<Date | undefined>((a, b) => (a && a < b ? a : b), undefined))
    },
  )
  labelled(
    registry,
    'payment_set_aside',
    'Payments and refunds that were asked about in vain for days and wait for a person',
    'what',
    async () => {
      const aside = [...(await payments()).values()].reduce((sum, row) => sum + row.aside, 0)
      return [
        ['payments', aside],
        ['refunds', await refundsAside(db)],
      ]
    },
  )
  gauge(
    'payment_refunds_overdue',
    'Refunds under way whose three business days are over: late interest runs',
    async () => {
      const now = new Date()
      const isLate = (owedFrom: Date) => refundClock({ owedFrom, endedAt: null, amount: 0 }, now).lateDays > 0
      return (await refunds()).filter(isLate).length
    },
  )
  gauge(
    'payment_settlement_differences',
    'Payments that a gateway settled otherwise than they were entered',
    async () => (await settlement()).open,
  )
  labelled(
    registry,
    'payment_settlement_behind_days',
    'Settled days of a gateway that were not compared yet',
    'gateway',
    async () => [...(await settlement()).behindDays],
  )
}

function labelled(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Promise<[value: string, count: number][]>,
): void {
  void new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      for (const [value, count] of await read()) this.set({ [label]: value }, count)
    },
  })
}

async function readOpen(db: Knex): Promise<Map<string, z.infer<typeof openShape>[number]>> {
  const rows: unknown = await db('payments')
    .whereNotNull('next_attempt_at')
    .groupBy('state')
    .select('state', {
      oldest: db.raw('MIN(IF(next_attempt_at < ?, created_at, NULL))', [setAside]),
      owed: db.raw('MIN(owed_since)'),
      aside: db.raw('SUM(next_attempt_at >= ?)', [setAside]),
    })
    .count({ count: '*' })
  return new Map(openShape.parse(rows).map((row) => [row.state, row]))
}

async function refundsAside(db: Knex): Promise<number> {
  const [row] = await db('refunds').where('next_attempt_at', '>=', setAside).count<{ aside: number }[]>({ aside: '*' })
  return row?.aside ?? 0
}

// Oldest first; when more are under way than are read, that alone is an alarm.
async function readRefunds(db: Knex): Promise<Date[]> {
  const rows: { created_at: Date }[] = await db('refunds')
    .where({ state: 'REQUESTED' })
    .orderBy('created_at')
    .limit(refundsRead)
    .select('created_at')
  return rows.map((row) => row.created_at)
}

/** The gauges of one scrape are collected side by side: those that tell of the same rows share one reading of them. */
function oneReading<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { at: number; value: Promise<T> } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.at > freshMs) last = { at: now, value: read() }
    return last.value
  }
}
