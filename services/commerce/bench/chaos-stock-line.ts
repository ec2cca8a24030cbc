/** A waiting list under faults: buyers join it, and order, leave or let end what is offered to them, while units come back. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { JoinOutcome } from '../src/inventory/join-waiting-list.ts'
import type { Random } from '@mytaek1/platform/testing/random.ts'
import type { WorkerRequest } from './chaos-stock-worker.ts'
import type { Story } from './chaos-stock-seed.ts'

/** Units of the product that is waited for. */
export const lineUnits = 4
const waiters = 24
const turnMs = 30_000 // the machine is busy, and a database that was killed is away for seconds
const lookMs = 5

/** What the list works with: the seed's own ways. */
export interface LineWays {
  db: Knex
  random: Random
  /** Asks one process after the other until one answers. */
  ask: (request: WorkerRequest) => Promise<{ value: unknown }>
  /** Places the order of a story. */
  send: (story: Story) => Promise<void>
  /** Does with it what its plan says: each gives its unit back. */
  live: (story: Story) => Promise<void>
  newStory: (n: number, plan: Story['plan']) => Story
}

/** Runs it to its end; answers the stories of who ordered, and what was out of order. */
export async function runLine(ways: LineWays, productId: string): Promise<{ stories: Story[]; lineFaults: string[] }> {
  const { random, ask, send, live, newStory } = ways
  const holders = Array.from({ length: lineUnits }, (_, n) => newStory(n, 'cancel'))
  await Promise.all(holders.map(send))
  const line = Array.from({ length: waiters }, (_, n) => newStory(lineUnits + n, random.pick(['cancel', 'expire'])))
  for (const { buyerId } of line) {
    const { value } = await ask({ op: 'join', place: { buyerId, productId } })
    if ((value as JoinOutcome).kind !== 'waits') return { stories: holders, lineFaults: [`${buyerId} may not wait`] }
  }
  const over = new AbortController()
  const watched = watchOrder(ways.db, productId, over.signal)
  const turns = line.map((story) => takeTurn(ways, productId, story))
  await Promise.all([...holders.map(live), ...turns])
  over.abort()
  const ordered = line.filter(({ answers }) => answers.length > 0)
  const faults = (await Promise.all(turns)).filter((fault) => fault !== undefined)
  return { stories: [...holders, ...ordered], lineFaults: [...faults, ...(await watched)] }
}

/** Waits for the own turn, and does something with it; answers what was wrong. */
async function takeTurn(ways: LineWays, productId: string, story: Story): Promise<string | undefined> {
  const { db, random, ask, send, live } = ways
  const { buyerId } = story
  const own = { buyer_id: buyerId, product_id: productId }
  const deadline = Date.now() + turnMs
  for (;;) {
    const place = await db('waiting_places')
      .where(own)
      .first('offered')
      .catch(() => ({ offered: 0 })) // the database is away
    if (place === undefined) return `${buyerId} lost the place`
    if (place.offered === 1) break
    if (Date.now() > deadline) return `${buyerId} was never offered anything`
    await delay(lookMs)
  }
  await delay(random.between(0, 100))
  const choice = random.pick(['orders', 'orders', 'leaves', 'lets it end'])
  if (choice === 'leaves') return void (await ask({ op: 'leave', place: { buyerId, productId } }))
  if (choice === 'lets it end') {
    const ended = await db('waiting_places')
      .where(own)
      .update({ ends_at: db.raw('UTC_TIMESTAMP(3)') })
      .catch(() => 0)
    return ended === 0 ? void (await ask({ op: 'leave', place: { buyerId, productId } })) : undefined
  }
  while (story.orderId === undefined) {
    await send(story)
    await delay(lookMs) // a process that heard nothing of the offer may say sold out for a while
    if (Date.now() > deadline) return `${buyerId} was refused what is kept for them`
  }
  await live(story)
  return undefined
}

/** Looks at the list all the time: nobody has an offer while another, who came before, has none, and nothing is in stock then. */
async function watchOrder(db: Knex, productId: string, signal: AbortSignal): Promise<string[]> {
  const faults: string[] = []
  while (!signal.aborted && faults.length === 0) {
    const [rows] = await db
      .raw(
        `SELECT stock, offered, (SELECT MAX(ticket) FROM waiting_places p WHERE p.product_id = s.product_id AND p.offered) AS offer,
           (SELECT MIN(ticket) FROM waiting_places p WHERE p.product_id = s.product_id AND NOT p.offered) AS waits
          FROM product_stock s WHERE product_id = ?`,
        [productId],
      )
      .catch(() => [[]])
    for (const { stock, offered, offer, waits } of rows) {
      if (waits === null) continue
      if (offer !== null && offer > waits) faults.push(`place ${offer} has an offer, and ${waits} has none`)
      if (stock > 0) faults.push(`${stock} in stock while place ${waits} waits`)
      if (offered > lineUnits) faults.push(`${offered} of ${lineUnits} are offered`)
    }
    await delay(lookMs)
  }
  return faults
}
