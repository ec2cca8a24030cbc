/**
 * How many durable orders of one hot product the engine takes a second, beside the plain ways, on the same servers in
 * the same run. `BENCH_SECONDS` (3) is the length of each measurement.
 */
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { defaultHoldLimits } from '../src/inventory/hold-limits.ts'
import { checkBooks } from '../src/inventory/books.ts'
import { addProduct, addVariants, openEngine } from '../src/testing/shop.ts'
import { conditionalUpdate, insertPerCommit, lockPerOrder, redisDecrement } from './stock-references.ts'
import { closedLoop, printTable, quantile, round, startServers } from './stock-parts.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 3)
const units = 100_000_000
const callerCounts = [1, 64, 512, 1_024, 4_096]
const coldEveryMs = 10
const variantCount = 10

const servers = await startServers()
const log = createLogger({ service: 'bench', level: 'error' })
const db = connectMysql({ url: servers.mysqlUrl, poolMax: 4 })
try {
  const engine = await openEngine({
    log,
    mysqlUrl: servers.mysqlUrl,
    redisUrls: [servers.redis.url],
    holdLimits: defaultHoldLimits,
  })

  const { inventory } = engine
  const update = await conditionalUpdate(servers, seconds)
  const locked = await lockPerOrder(servers, seconds)
  const insert = await insertPerCommit(servers, seconds)
  const decrement = await redisDecrement(servers, seconds)

  let answered = 0
  // every order is another buyer's, as in a rush: nobody may hold more than three of a product without paying
  const order = async (productId: string, buyer: string, nth: number) => {
    const outcome = await inventory.placeOrder({
      buyerId: `${buyer}-${nth}`,
      idempotencyKey: `k${nth}`,
      productId,
      quantity: 1,
      broadcastId: null,
    })
    if (outcome.kind !== 'reserved') throw new Error(`An order was answered ${outcome.kind}`)
    answered += 1
  }
  const rates = new Map<number, { perSecond: number; p50: number; p99: number }>()
  for (const callers of callerCounts) {
    const productId = await addProduct(db, { units })
    const { perSecond, latenciesMs } = await closedLoop({ callers, seconds }, (caller, nth) =>
      order(productId, `b${callers}-${caller}`, nth),
    )
    rates.set(callers, { perSecond, p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) })
  }
  const shirt = await addVariants(db, { units: Array.from({ length: variantCount }, () => units) })
  const ofVariants = await closedLoop({ callers: 1_024, seconds }, async (caller, nth) => {
    const productId = shirt.variantIds[(caller + nth) % variantCount] ?? ''
    const outcome = await inventory.placeBasket({
      buyerId: `v-${caller}-${nth}`,
      idempotencyKey: `k${nth}`,
      items: [{ productId, variantOf: shirt.productId, quantity: 1 }],
      broadcastId: null,
    })
    if (outcome.kind !== 'reserved') throw new Error(`An order of a variant was answered ${outcome.kind}`)
    answered += 1
  })
  const cold = await coldProduct(order)
  await engine.stop()

  const books = await checkBooks(db)
  const [rows] = await db.raw('SELECT COUNT(*) AS orders FROM orders')
  const lost = answered - rows[0].orders
  const oversold = books.faults.length
  const best = Math.max(...[...rates.values()].map(({ perSecond }) => perSecond))
  const at = (callers: number) => rates.get(callers) ?? { perSecond: Number.NaN, p50: Number.NaN, p99: Number.NaN }

  printTable(
    ['one hot row', 'callers', 'per second', 'engine over it'],
    [
      ['conditional UPDATE, nothing else', update.callers, update.perSecond, best / update.perSecond],
      ['lock per order (redlock)', locked.callers, locked.perSecond, best / locked.perSecond],
      ['one INSERT a commit (many rows)', 64, insert.perSecond, best / insert.perSecond],
      ['Redis DECR (not durable)', 64, decrement, best / decrement],
    ],
  )
  printTable(
    ['engine: order + ledger + event, durable', 'per second', 'p50 ms', 'p99 ms'],
    [
      ...callerCounts.map((callers) => [`${callers} callers`, at(callers).perSecond, at(callers).p50, at(callers).p99]),
      [
        `1024 callers, ${variantCount} variants`,
        ofVariants.perSecond,
        quantile(ofVariants.latenciesMs, 0.5),
        quantile(ofVariants.latenciesMs, 0.99),
      ],
    ],
  )
  printTable(
    ['cold product', 'p50 ms', 'p99 ms'],
    [
      ['quiet', quantile(cold.quiet, 0.5), quantile(cold.quiet, 0.99)],
      ['during the rush', quantile(cold.rush, 0.5), quantile(cold.rush, 0.99)],
      ['one INSERT, alone', insert.loneP50Ms, '-'],
    ],
  )
  for (const fault of books.faults) console.log(fault)
  console.log(
    JSON.stringify({
      ordersPerSecond: Math.round(best),
      overConditionalUpdate: round(best / update.perSecond),
      overLockPerOrder: round(best / locked.perSecond),
      variantsOverConditionalUpdate: round(ofVariants.perSecond / update.perSecond),
      rate4096Over64: round(at(4_096).perSecond / at(64).perSecond),
      loneOrderMsOverInsert: round(at(1).p50 - insert.loneP50Ms),
      coldP99Ratio: round(quantile(cold.rush, 0.99) / quantile(cold.quiet, 0.99)),
      oversold,
      lost,
    }),
  )
} finally {
  await db.destroy()
  await servers.stop()
}

/** Orders of another product at a steady pace, first alone, then while 1,024 callers press for the hot one. */
async function coldProduct(
  order: (productId: string, buyer: string, nth: number) => Promise<void>,
): Promise<{ quiet: number[]; rush: number[] }> {
  const [hot, cold] = [await addProduct(db, { units }), await addProduct(db, { units })]
  const paced = async (buyer: string) => {
    const latencies: number[] = []
    const until = performance.now() + seconds * 2_000
    for (let nth = 0; performance.now() < until; nth += 1) {
      const startedAt = performance.now()
      await order(cold, buyer, nth)
      const took = performance.now() - startedAt
      latencies.push(took)
      if (took < coldEveryMs) await new Promise((resolve) => setTimeout(resolve, coldEveryMs - took))
    }
    return latencies
  }
  const quiet = await paced('quiet')
  const rush = closedLoop({ callers: 1_024, seconds: seconds * 2 }, (caller, nth) => order(hot, `r${caller}`, nth))
  const pressed = await paced('pressed')
  await rush
  return { quiet, rush: pressed }
}
