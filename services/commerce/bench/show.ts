/**
 * A show on two commerce processes: VIEWERS (2,000) hang on their event streams while CHAT (300) messages, HEARTS (50) and
 * ORDERS (20) a second come for MINUTES (10). Delays run from the moment a request is sent to the moment each viewer has the
 * event, so judging, writing and the commit are in them. Reference in the same run: the same messages put straight into the
 * log, without a request. Memory is each process's resident size: how much more it is in the last fifth of the time than in the
 * second. Without what the bounds ask, and where anything is refused or does not come, it exits 1.
 *
 * Limits of one account are those of a release; the limit of one show is set above CHAT, as `commerce.env` does.
 *
 *   MINUTES=10 node services/commerce/bench/show.ts
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createTokenIssuer } from '../src/accounts/access-token.ts'
import { aBroadcast, aProduct, signedIn } from '../src/testing/factories.ts'
import { startCommerce, startStores, type CommerceProcess } from './commerce-process.ts'
import type { Figures, ShowLoad, ShowResult } from './show-load.ts'
import { printTable, round } from './stock-parts.ts'

const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const seconds = number('MINUTES', 10) * 60
const viewers = number('VIEWERS', 2_000)
const perSecond = { chat: number('CHAT', 300), hearts: number('HEARTS', 50), orders: number('ORDERS', 20) }
const bounds = { chatP99Ms: 100, stockP99Ms: 100, rssGrowthMb: 32 }

const units = 1_000_000
const speakers = 2 * perSecond.chat + 10 * perSecond.hearts // one may speak once a second, and give hearts as often
const ordersOfBuyer = 2 // unpaid ones; three are allowed
const sampledMs = 1_000
const startMs = 180_000 // of the viewers, and what the load does after its time

const stores = await startStores()
const env = { ...stores.env, LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST: String(2 * perSecond.chat) }
const pods = await Promise.all([startCommerce(env), startCommerce(env)])
try {
  await run()
} finally {
  await Promise.all(pods.map((pod) => pod.stop()))
  await stores.stop()
}

async function run(): Promise<void> {
  const seller = await signedIn(pods[0].url)
  const product = await aProduct(seller, { stock: units })
  const others = await Promise.all(Array.from({ length: 5 }, () => aProduct(seller)))
  const show = await aBroadcast(seller, [product.id, ...others.map(({ id }) => id as string)])
  const load: ShowLoad = {
    ports: pods.map(({ url }) => Number(new URL(url).port)),
    redisUrl: stores.redisUrl,
    showId: show.id,
    productId: product.id,
    units,
    viewers,
    seconds,
    perSecond,
    tokens: {
      speakers: await tokensOf('speaker', speakers),
      buyers: await tokensOf('buyer', Math.ceil((perSecond.orders * seconds) / ordersOfBuyer)),
    },
  }
  const { result, usages } = await underLoad(load)
  const growthMb = Math.max(...usages.map(({ memory }) => growthOf(memory) / 1e6))
  printTable(
    ['from the request to each viewer', 'events', 'p50 ms', 'p99 ms', 'max ms'],
    [
      row('chat message', result.chat),
      row('stock after an order', result.stock),
      row('log to viewer, no request (reference)', result.reference),
      row('answers of chat, hearts and orders', result.answers),
    ],
  )
  printTable(
    ['process', 'CPU of its core', 'MB at first', 'MB at last', 'MB grown'],
    usages.map(({ memory, cpu }, n) => [
      `commerce ${n + 1}`,
      cpu,
      (memory[0] ?? 0) / 1e6,
      (memory.at(-1) ?? 0) / 1e6,
      growthOf(memory) / 1e6,
    ]),
  )
  console.log(
    `${viewers} viewers, ${round(result.megabytesPerSecond)} MB/s to them; ${result.undelivered} events not delivered, ` +
      `${result.ended} streams ended, refused: ${JSON.stringify(result.refused)}`,
  )
  const figures = {
    viewers,
    chatP99Ms: round(result.chat.p99),
    stockP99Ms: round(result.stock.p99),
    rssGrowthMb: round(growthMb),
  }
  console.log(JSON.stringify(figures))
  const isLate = (Object.keys(bounds) as (keyof typeof bounds)[]).some((name) => !(figures[name] <= bounds[name]))
  const isShort = result.undelivered !== 0 || result.ended > 0 || Object.keys(result.refused).length > 0
  if (isLate || isShort) process.exitCode = 1
}

function row(name: string, { count, p50, p99, max }: Figures): (string | number)[] {
  return [name, count, p50, p99, max]
}

interface Usage {
  memory: number[] // bytes, a second apart
  cpu: number // share of one core
}

/** Runs the load in its process and looks at the services meanwhile. */
async function underLoad(load: ShowLoad): Promise<{ result: ShowResult; usages: Usage[] }> {
  const child = fork(new URL('./show-load.ts', import.meta.url), { stdio: 'inherit' })
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`The load ended with ${code}`)))
  failed.catch(() => undefined) // it ends after its result, too
  const signal = AbortSignal.timeout(load.seconds * 1_000 + startMs)
  const next = async () => {
    const [message] = (await Promise.race([once(child, 'message', { signal }), failed])) as [unknown]
    return message
  }
  try {
    child.send(load)
    await next() // all watch
    const usages = Promise.all(pods.map((pod) => usageOf(pod, load.seconds)))
    const result = (await next()) as ShowResult
    return { result, usages: await usages }
  } finally {
    child.kill()
  }
}

async function usageOf(pod: CommerceProcess, seconds: number): Promise<Usage> {
  const memory: number[] = []
  const before = await pod.usage()
  const startedAt = performance.now()
  let cpu = 0
  while (performance.now() - startedAt < seconds * 1_000) {
    await delay(sampledMs)
    const { memoryBytes, cpuSeconds } = await pod.usage()
    memory.push(memoryBytes)
    cpu = (cpuSeconds - before.cpuSeconds) / ((performance.now() - startedAt) / 1_000)
  }
  return { memory, cpu }
}

/** Bytes: the mean of the last fifth less that of the second; the first is a process that grows to its work. */
function growthOf(memory: readonly number[]): number {
  const fifth = Math.ceil(memory.length / 5)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return mean(memory.slice(-fifth)) - mean(memory.slice(fifth, 2 * fifth))
}

async function tokensOf(name: string, count: number): Promise<string[]> {
  const issuer = await createTokenIssuer(stores.env.TOKEN_PRIVATE_KEY ?? '')
  const last = new Date(Date.now() + (seconds * 1_000 + startMs)) // as renewed ones would be: good to the end
  const claims = { role: 'viewer' as const, name: '제주감귤팬', sid: 'ses_show' }
  const issued = Array.from({ length: count }, (_, n) => issuer.issue({ ...claims, sub: `acc_${name}_${n}` }, last))
  return (await Promise.all(issued)).map(({ accessToken }) => accessToken)
}
