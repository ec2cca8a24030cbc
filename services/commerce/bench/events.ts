/**
 * How soon a viewer's page learns of a commit, and whether one that reconnects misses anything.
 *
 * Two commerce processes on one MariaDB and Redis. LISTENERS event streams hang on one; orders go through the other.
 * Delays run from the moment an order's request is sent, which is before its commit, to the moment each listener has
 * the stock event: an upper bound of commit → event. Reference in the same run: the same event straight from Redis
 * PUBLISH to the same listeners, without an order. Then every listener is cut and reconnects with its last id while the
 * chat goes on, and what each got is compared with what was said.
 *
 *   node services/commerce/bench/events.ts [listeners] [orders]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { ApiClient } from '../src/testing/api-client.ts'
import { aBroadcast, aProduct, signedIn } from '../src/testing/factories.ts'
import { startCommerce, startStores } from './commerce-process.ts'
import { EventListener } from './event-listener.ts'

const [listenerCount = 1_000, orderCount = 200] = process.argv.slice(2).map(Number)
const sayings = 60
const gapMs = 60 // longer than events are gathered, so that each order has an event of its own

const stores = await startStores()
const serving = await startCommerce(stores.env)
const ordering = await startCommerce(stores.env)
const redis = new Redis(stores.redisUrl)
try {
  await run()
} finally {
  redis.disconnect()
  await Promise.all([serving.stop(), ordering.stop()])
  await stores.stop()
}

async function run(): Promise<void> {
  const seller = await signedIn(ordering.url)
  const product = await aProduct(seller, { stock: 1_000_000 })
  const broadcast = await aBroadcast(seller, [product.id])
  const buyer = await signedIn(ordering.url)
  const speakers = await inBatches(sayings, 10, () => signedIn(ordering.url))

  const before = await serving.usage()
  const listeners = await inBatches(listenerCount, 50, async () => {
    const listener = new EventListener(serving.url, broadcast.id)
    await listener.connect()
    return listener
  })
  const listening = await serving.usage()
  const memoryPerListener = (listening.memoryBytes - before.memoryBytes) / listenerCount

  let version: number = product.version
  const orders = await measure(listeners, orderCount, async () => {
    version += 1
    const order = { productId: product.id, quantity: 1, broadcastId: broadcast.id }
    const sentAt = performance.now()
    await buyer.expect(201, 'POST', '/orders', order, { 'idempotency-key': `bench-${version}` })
    return { version, sentAt, answeredAt: performance.now() }
  })
  const cpuMsPerEvent = (((await serving.usage()).cpuSeconds - listening.cpuSeconds) * 1_000) / orderCount
  const published = await measure(listeners, orderCount, async () => {
    version += 1
    const sentAt = performance.now()
    await redis.publish('stock', JSON.stringify({ productId: product.id, stock: 1, version }))
    return { version, sentAt, answeredAt: performance.now() }
  })
  const { missed, twice, cut } = await reconnects(listeners, broadcast.id, speakers)
  const backwards = listeners.reduce((sum, listener) => sum + listener.backwards, 0)
  for (const listener of listeners) listener.close()

  const rows = [
    ['order sent → event at a listener', orders.delays],
    ['order sent → event at the last listener', orders.lastDelays],
    ['order sent → its answer', orders.answers],
    ['PUBLISH → event at a listener (reference)', published.delays],
  ] as const
  console.log(`${listenerCount} listeners on one process, ${orderCount} orders through another; milliseconds`)
  console.log(`${''.padEnd(44)}${'p50'.padStart(8)}${'p99'.padStart(8)}${'max'.padStart(8)}`)
  for (const [name, values] of rows) {
    const cells = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1).padStart(8))
    console.log(name.padEnd(44) + cells.join(''))
  }
  console.log(`processor time of the serving process: ${cpuMsPerEvent.toFixed(1)} ms an event to all listeners`)
  console.log(`memory a listener: ${(memoryPerListener / 1024).toFixed(1)} KiB; stock went back ${backwards} times`)
  console.log(`${cut} reconnects during ${sayings} messages: ${missed} missed, ${twice} twice`)
  console.log(
    JSON.stringify({
      listeners: listenerCount,
      orders: orderCount,
      eventP50Ms: round(quantile(orders.delays, 0.5)),
      eventP99Ms: round(quantile(orders.delays, 0.99)),
      eventP99OverPublish: round(quantile(orders.delays, 0.99) / quantile(published.delays, 0.99)),
      cpuMsPerEvent: round(cpuMsPerEvent),
      notDelivered: orders.notDelivered,
      backwards,
      missedAfterReconnect: missed,
      twiceAfterReconnect: twice,
    }),
  )
}

interface Sent {
  version: number
  sentAt: number
  answeredAt: number
}

async function measure(listeners: readonly EventListener[], count: number, send: () => Promise<Sent>) {
  const sent: Sent[] = []
  for (let index = 0; index < count; index += 1) {
    sent.push(await send())
    await delay(gapMs)
  }
  await delay(500) // the last event's way
  const perEvent = sent.map(({ version, sentAt }) => listeners.map((listener) => listener.knewAt(version) - sentAt))
  const delays = perEvent.flat().filter(Number.isFinite)
  return {
    delays,
    lastDelays: perEvent.map((each) => Math.max(...each)).filter(Number.isFinite),
    answers: sent.map(({ sentAt, answeredAt }) => answeredAt - sentAt),
    notDelivered: count * listeners.length - delays.length,
  }
}

// Each listener is cut once, at a moment of its own, while the messages are said.
async function reconnects(listeners: readonly EventListener[], broadcastId: string, speakers: readonly ApiClient[]) {
  const windowMs = 6_000
  const said: string[] = []
  const talk = (async () => {
    for (const [index, speaker] of speakers.entries()) {
      const text = `message ${index}`
      await speaker.expect(202, 'POST', `/broadcasts/${broadcastId}/chat`, { text })
      said.push(text)
      await delay(windowMs / speakers.length)
    }
  })()
  const cuts = listeners.map(async (listener, index) => {
    await delay(500 + ((windowMs - 1_500) * index) / listeners.length)
    listener.close()
    await delay(Math.random() * 500)
    await listener.connect()
  })
  await Promise.all([talk, ...cuts])
  await delay(1_000)
  const missed = listeners.reduce((sum, { texts }) => sum + said.filter((text) => !texts.includes(text)).length, 0)
  const twice = listeners.reduce((sum, { texts }) => sum + texts.length - new Set(texts).size, 0)
  return { missed, twice, cut: cuts.length }
}

async function inBatches<T>(count: number, size: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  while (made.length < count) {
    const batch = Array.from({ length: Math.min(size, count - made.length) }, () => make())
    made.push(...(await Promise.all(batch)))
  }
  return made
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
