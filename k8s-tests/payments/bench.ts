/**
 * How many payments a second both services complete, from `POST /payments` to the order that is PAID, beside one INSERT a
 * commit on the same server in the same run; once at a card network that answers at once, once at one that takes 300 ms.
 * INSERT-per-commit has the machine to itself, while a payment shares it with two services, the network and its database, and
 * whoever sends the requests. So the table has another one beside it, which the last line does not judge by: the same INSERT asked for
 * over HTTP, by as many connections as pay.
 * `PAYMENTS` (10,000) of each, `CONNECTIONS` (16) at once; `PROFILE`: a folder for the processor profile of each process.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { postRequest, race } from '../../services/commerce/bench/race-client.ts'
import { insertPerCommit } from '../../services/commerce/bench/stock-references.ts'
import { printTable, quantile, round } from '../../services/commerce/bench/stock-parts.ts'
import { prepareShop } from '../../services/commerce/src/testing/shop.ts'
import { startPlatform, type PaymentPlatform } from './processes.ts'
import { enterCards, payRequest, portOf, reserve, type Shopper } from './shoppers.ts'

const payments = Number(process.env.PAYMENTS ?? 10_000)
const connections = Number(process.env.CONNECTIONS ?? 16)
const slowMs = 300
const doneWithinMs = 180_000
const insertSeconds = 3

const platform = await startPlatform({
  processes: 1,
  payment: { GATEWAY_CONCURRENCY: '1000', ...profiled('payment') },
  commerce: profiled('commerce'),
  network: profiled('network'),
})
try {
  await prepareShop(platform.shop)
  await measure('warm', 0, Math.min(2_000, payments))
  const before = await insertRate(platform)
  const fast = await measure('fast', 0, payments)
  const slow = await measure('slow', slowMs, payments)
  const insert = Math.max(before, await insertRate(platform))
  const completedPerSecond = Math.min(fast.perSecond, slow.perSecond)
  printTable(
    ['network', 'accepted/s', 'accept p50 ms', 'p99', 'completed/s', 'commits', 'statements', 'lag p50 ms', 'p99'],
    [fast, slow].map((run) => [
      run.name,
      run.acceptedPerSecond,
      quantile(run.acceptMs, 0.5),
      quantile(run.acceptMs, 0.99),
      run.perSecond,
      run.commits,
      run.statements,
      quantile(run.lagMs, 0.5),
      quantile(run.lagMs, 0.99),
    ]),
  )
  printTable(
    ['processor time a payment, µs', ...Object.keys(fast.cpu)],
    [fast, slow].map((run) => [run.name, ...Object.values(run.cpu).map((seconds) => (seconds * 1e6) / payments)]),
  )
  const overHttp = await acceptedOverHttp(platform)
  printTable(
    ['one INSERT a commit', 'per second', 'completed, of it'],
    [
      ['64 callers', insert, completedPerSecond / insert],
      [`over HTTP, ${connections} callers`, overHttp, completedPerSecond / overHttp],
    ],
  )
  console.log(
    JSON.stringify({
      acceptP99Ms: { fast: round(quantile(fast.acceptMs, 0.99)), slow: round(quantile(slow.acceptMs, 0.99)) },
      completedPerSecond: Math.round(completedPerSecond),
      overInsertPerCommit: round(completedPerSecond / insert),
      commitsPerPayment: round(Math.max(fast.commits, slow.commits)),
      statementsPerPayment: round(Math.max(fast.statements, slow.statements)),
      outboxLagP99Ms: round(Math.max(quantile(fast.lagMs, 0.99), quantile(slow.lagMs, 0.99))),
    }),
  )
} finally {
  await platform.stop()
}

function profiled(name: string): NodeJS.ProcessEnv {
  const folder = process.env.PROFILE
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}/${name}` }
}

interface Measured {
  name: string
  acceptMs: number[]
  acceptedPerSecond: number
  perSecond: number
  commits: number
  statements: number
  lagMs: number[]
  cpu: Record<string, number>
}

async function measure(name: string, latencyMs: number, count: number): Promise<Measured> {
  const faults = { medianMs: latencyMs }
  await fetch(`${platform.networkUrl}/v1/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  })
  const buyers = await reserve(platform, name, count)
  const cards = await enterCards(platform, buyers)
  const shoppers = buyers.map((buyer, n): Shopper => ({ ...buyer, cardToken: cards[n] ?? '' }))
  const before = await work(platform)
  const cpuBefore = cpu(platform)
  const startedAt = Date.now()
  const { answers, wallSeconds } = await race(
    platform.payment.map(portOf),
    shoppers.map((each) => payRequest(each)),
    connections,
  )
  const refused = answers.find(({ status }) => status !== 202)
  if (refused) throw new Error(`A payment was answered ${refused.status}: ${refused.body.slice(0, 300)}`)
  const settledAt = await allPaid(`acc_${name}_%`, count)
  const after = await work(platform)
  const cpuAfter = cpu(platform)
  return {
    cpu: Object.fromEntries(
      Object.entries(cpuAfter).map(([part, seconds]) => [part, seconds - (cpuBefore[part] ?? 0)]),
    ),
    name,
    acceptMs: answers.map(({ milliseconds }) => milliseconds),
    acceptedPerSecond: count / wallSeconds,
    perSecond: (count * 1_000) / (settledAt - startedAt),
    commits: (after.commits - before.commits) / count,
    statements: (after.statements - before.statements) / count,
    lagMs: await lags(platform, `acc_${name}_%`),
  }
}

/** When the last of the buyers' orders became PAID. */
async function allPaid(buyersLike: string, count: number): Promise<number> {
  const deadline = Date.now() + doneWithinMs
  for (;;) {
    const rows: { settled_at: Date }[] = await platform
      .shop('orders')
      .where('buyer_id', 'like', buyersLike)
      .where('state', 'PAID')
      .select('settled_at')
    if (rows.length === count) return Math.max(...rows.map((row) => row.settled_at.getTime()))
    if (Date.now() > deadline) throw new Error(`${rows.length} of ${count} orders are PAID`)
    await delay(100)
  }
}

/** From the row that says how a payment ended to the order that says so, in milliseconds. */
async function lags({ shop, payments: db }: PaymentPlatform, buyersLike: string): Promise<number[]> {
  const ended: { order_id: string; updated_at: Date }[] = await db('payments')
    .where('buyer_id', 'like', buyersLike)
    .where('state', 'CAPTURED')
    .select('order_id', 'updated_at')
  const settled: { id: string; settled_at: Date }[] = await shop('orders')
    .where('buyer_id', 'like', buyersLike)
    .select('id', 'settled_at')
  const settledAt = new Map(settled.map((row) => [row.id, row.settled_at.getTime()]))
  return ended.map((row) => (settledAt.get(row.order_id) ?? Number.NaN) - row.updated_at.getTime())
}

/** Processor seconds used by each part so far; `network` with its own database, `buyers` is this process. */
function cpu({ mariadb, redis, vault, commerce, payment, bank }: PaymentPlatform): Record<string, number> {
  const sum = (parts: readonly { cpuSeconds(): number }[]) =>
    parts.reduce((total, part) => total + part.cpuSeconds(), 0)
  const { user, system } = process.cpuUsage()
  return {
    payment: sum(payment),
    commerce: sum(commerce),
    mariadb: mariadb.cpuSeconds(),
    redis: redis.cpuSeconds(),
    network: bank.cpuSeconds() + vault.cpuSeconds(),
    buyers: (user + system) / 1e6,
  }
}

/** What the server has done so far: transactions that wrote, and statements, BEGIN and COMMIT among them. */
async function work({ shop }: PaymentPlatform): Promise<{ commits: number; statements: number }> {
  const [[commits]] = await shop.raw(
    `SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rw_commits'`,
  )
  const [[questions]] = await shop.raw(`SHOW GLOBAL STATUS LIKE 'Questions'`)
  return { commits: Number(commits.COUNT), statements: Number(questions.Value) }
}

async function acceptedOverHttp(platform: PaymentPlatform): Promise<number> {
  const server = await platform.startBeside('insert-server.ts', 'reference')
  const request = postRequest('/', {}, JSON.stringify({ orderId: 'ord_0123456789', cardToken: 'x'.repeat(400) }))
  const send = (count: number) =>
    race(
      [portOf(server)],
      Array.from({ length: count }, () => request),
      connections,
    )
  await send(Math.min(2_000, payments))
  const { answers, wallSeconds } = await send(payments)
  const refused = answers.find(({ status }) => status !== 202)
  if (refused) throw new Error(`The reference answered ${refused.status}`)
  return payments / wallSeconds
}

async function insertRate({ mariadb, redis }: PaymentPlatform): Promise<number> {
  const mysqlUrl = `${mariadb.url}commerce`
  const parts = { mariadb: mariadb as never, redis: redis as never, mysqlUrl, stop: () => Promise.resolve() }
  return (await insertPerCommit(parts, insertSeconds)).perSecond
}
