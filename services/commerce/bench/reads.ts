/**
 * A crowd opens one show: VIEWERS (5,000) come within SECONDS (5), each reads the show and opens its stream of events, as
 * a page does that nobody has signed in on. One commerce process on a MariaDB and a Redis of the bench's own.
 *
 * Queries are all that the database was asked meanwhile, by whatever loop of the process; times of a read are from when its
 * viewer came, so a server that falls behind shows in them.
 *
 *   node services/commerce/bench/reads.ts [viewers] [seconds]
 */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { aBroadcast, aProduct, signedIn } from '../src/testing/factories.ts'
import { startCommerce, startStores } from './commerce-process.ts'
import { AnswerReader } from './race-client.ts'
import { printTable, quantile, round } from './stock-parts.ts'

const [viewers = 5_000, seconds = 5] = process.argv.slice(2).map(Number)
const products = 20
const connections = 64 // as an ingress keeps them, whatever the viewers
const answerWithinMs = 30_000

const stores = await startStores()
const db = connectMysql({ url: stores.env.MYSQL_URL ?? '', poolMax: 1 })
const commerce = await startCommerce({ ...stores.env, LIVE_MAX_LISTENERS_PER_ADDRESS: String(viewers) })
const streams = new Set<Socket>()
try {
  await run()
} finally {
  for (const socket of streams) socket.destroy()
  await commerce.stop()
  await db.destroy()
  await stores.stop()
}

async function run(): Promise<void> {
  const seller = await signedIn(commerce.url)
  const ids: string[] = []
  while (ids.length < products) ids.push((await aProduct(seller, { name: `Tea ${ids.length}` })).id)
  const show = await aBroadcast(seller, ids)
  const idle = await queriesDuring(() => delay(seconds * 1_000))
  const port = Number(new URL(commerce.url).port)
  const before = await commerce.usage()
  const reads = await Promise.all(Array.from({ length: connections }, () => openReader(port)))
  const arrivals = Array.from({ length: viewers }, () => Math.random() * seconds * 1_000).toSorted((a, b) => a - b)
  let answered: Answered[] = []
  const queries = await queriesDuring(async () => {
    answered = await crowd(reads, arrivals, { show: show.id, port })
  })
  const cpuSeconds = (await commerce.usage()).cpuSeconds - before.cpuSeconds
  const ofReads = answered.map(({ readMs }) => readMs)
  const ofStreams = answered.map(({ streamMs }) => streamMs)
  const failed = answered.filter(({ status }) => status !== 200).length
  printTable(
    ['', 'p50 ms', 'p99 ms', 'max ms'],
    [
      ['the show', ...[0.5, 0.99, 1].map((q) => quantile(ofReads, q))],
      ['its first event', ...[0.5, 0.99, 1].map((q) => quantile(ofStreams, q))],
    ],
  )
  console.log(`${queries} queries; ${idle} in as long without viewers; ${round(cpuSeconds)} s of CPU; ${failed} failed`)
  console.log(JSON.stringify({ viewers, queries, p99Ms: round(quantile(ofReads, 0.99)) }))
  if (failed > 0) process.exitCode = 1
}

interface Answered {
  status: number
  readMs: number
  streamMs: number
}

async function crowd(
  readers: readonly Reader[],
  arrivals: readonly number[],
  { show, port }: { show: string; port: number },
): Promise<Answered[]> {
  const startedAt = performance.now()
  const request = Buffer.from(`GET /api/commerce/v1/broadcasts/${show} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  const all: Promise<Answered>[] = []
  for (const [index, arrival] of arrivals.entries()) {
    const early = startedAt + arrival - performance.now()
    if (early > 1) await delay(early)
    const cameAt = startedAt + arrival
    const reader = readers[index % readers.length]
    if (reader === undefined) throw new Error('No connection to read over')
    const read = reader.read(request).then((status) => ({ status, readMs: performance.now() - cameAt }))
    const stream = firstEvent(port, show).then(() => performance.now() - cameAt)
    all.push(Promise.all([read, stream]).then(([answer, streamMs]) => ({ ...answer, streamMs })))
  }
  return await Promise.all(all)
}

interface Reader {
  /** Sends a request when those before it are answered; answers the status. */
  read(request: Buffer): Promise<number>
}

async function openReader(port: number): Promise<Reader> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  streams.add(socket)
  const answers = new AnswerReader(socket)
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: (request) => {
      const status = last.then(async () => {
        socket.write(request)
        return (await answers.next()).status
      })
      last = status
      return status
    },
  }
}

/** Opens a stream of events and keeps it; resolves with its first bytes after the head. */
async function firstEvent(port: number, show: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  streams.add(socket)
  socket.write(`GET /api/commerce/v1/broadcasts/${show}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let text = ''
  const look = (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (!text.includes('\r\n\r\nevent:') && !/\r\n\r\n[\s\S]*\nevent:/.test(text)) return
    socket.off('data', look)
    socket.resume()
    resolve()
  }
  socket.on('data', look)
  socket.once('error', reject)
  socket.once('close', () => reject(new Error(`The stream ended: ${text.slice(0, 200)}`)))
  const timer = setTimeout(() => reject(new Error('No event in time')), answerWithinMs)
  await promise.finally(() => clearTimeout(timer))
}

async function queriesDuring(work: () => Promise<unknown>): Promise<number> {
  const before = await queriesSoFar()
  await work()
  return (await queriesSoFar()) - before
}

// reads and writes; what a session says of itself when it is opened is none
async function queriesSoFar(): Promise<number> {
  const names = ['select', 'insert', 'update', 'delete', 'replace'].map((name) => `'Com_${name}'`)
  const [rows] = await db.raw(`SHOW GLOBAL STATUS WHERE Variable_name IN (${names.join(', ')})`)
  return (rows as { Value: string }[]).reduce((sum, row) => sum + Number(row.Value), 0)
}
