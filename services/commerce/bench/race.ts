/**
 * Ten thousand buyers press at once for a thousand units, over HTTP, against one and against two commerce processes;
 * beside an empty Koa POST and a lock round each order, with the same client in the same run. What is compared is the
 * median of `ROUNDS` (3) races, after one that warms the process up.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { createTokenIssuer } from '../src/accounts/access-token.ts'
import { checkBooks } from '../src/inventory/books.ts'
import { addProduct, prepareShop } from '../src/testing/shop.ts'
import { startCommerce, startStores, type CommerceProcess } from './commerce-process.ts'
import { postRequest, race, type RaceAnswer } from './race-client.ts'
import { printTable, quantile, round } from './stock-parts.ts'

const buyers = Number(process.env.BUYERS ?? 10_000)
const units = Math.ceil(buyers / 10)
const connections = 256
const rounds = Number(process.env.ROUNDS ?? 3)

const stores = await startStores()
const mysqlUrl = stores.env.MYSQL_URL ?? ''
const db = connectMysql({ url: mysqlUrl, poolMax: 4 })
const services: CommerceProcess[] = []
const children: ChildProcess[] = []
const { privateKey } = generateKeyPairSync('ed25519')
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
try {
  await prepareShop(db)
  const tokens = await signedTokens()
  const rows: (string | number)[][] = []
  const results: Result[] = []
  for (const processes of [1, 2]) {
    const emptyPorts = await startEmpty(processes)
    const empty = await races(emptyPorts, () => requestsFor('nothing', tokens))
    const ports = await startServices(processes)
    // buyers watch before they press: each has called before, here for a product that does not exist
    for (const port of ports) await race([port], requestsFor(`warm-${port}`, tokens), connections)
    const engine = await races(ports, async () => requestsFor(await addProduct(db, { units }), tokens))
    await stopChildren()
    rows.push(...empty.map((each) => ['empty Koa POST', processes, ...figures(each)]))
    rows.push(...engine.map((each) => ['commerce', processes, ...figures(each)]))
    results.push({ races: engine, wallSeconds: median(engine), ratio: median(engine) / median(empty) })
  }
  const locked = await race(await startLockPerOrder(), requestsFor('any', tokens), connections)
  rows.push(['lock per order', 1, ...figures(locked)])
  await stopChildren()

  printTable(['', 'processes', 'RESERVED', 'sold out', '5xx or none', 'wall s', 'p50 ms', 'p99 ms'], rows)
  const books = await checkBooks(db)
  for (const fault of books.faults) console.log(fault)
  const all = results.flatMap((result) => result.races)
  console.log(
    JSON.stringify({
      buyers,
      units,
      reserved: all.map(({ answers }) => count(answers, 201)),
      answered: all.map(({ answers }) => answers.filter(({ status }) => status !== 0).length),
      serverErrors: all.reduce((sum, { answers }) => sum + failed(answers), 0),
      wallSeconds: results.map(({ wallSeconds }) => round(wallSeconds)),
      wallOverEmptyPost: round(Math.max(...results.map(({ ratio }) => ratio))),
      p99Ms: results.map((result) => round(Math.max(...result.races.map(({ answers }) => p(answers, 0.99))))),
    }),
  )
  if (books.faults.length > 0 || all.some(({ answers }) => count(answers, 201) !== units)) process.exitCode = 1
} finally {
  await stopChildren()
  await db.destroy()
  await stores.stop()
}

interface Race {
  answers: RaceAnswer[]
  wallSeconds: number
}

interface Result {
  races: Race[]
  wallSeconds: number
  ratio: number // to the empty POST's
}

/** Races several times, each with requests of its own, after one race that does not count. */
async function races(ports: readonly number[], requests: () => Buffer[] | Promise<Buffer[]>): Promise<Race[]> {
  await race(ports, await requests(), connections)
  const run: Race[] = []
  while (run.length < rounds) run.push(await race(ports, await requests(), connections))
  return run
}

/** One order of every buyer; no two products have a key in common. */
function requestsFor(productId: string, tokens: readonly string[]): Buffer[] {
  const body = JSON.stringify({ productId, quantity: 1 })
  return tokens.map((token, n) =>
    postRequest(
      '/api/commerce/v1/orders',
      { Authorization: `Bearer ${token}`, 'Idempotency-Key': `race-${productId}-${n}` },
      body,
    ),
  )
}

async function signedTokens(): Promise<string[]> {
  const issuer = await createTokenIssuer(pem)
  const claims = { role: 'viewer' as const, name: 'Buyer', sid: 'ses_race' }
  const tokens = Array.from({ length: buyers }, (_, n) =>
    issuer.issue({ ...claims, sub: `acc_buyer_${n}` }, new Date()),
  )
  return (await Promise.all(tokens)).map(({ accessToken }) => accessToken)
}

async function startEmpty(processes: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: processes }, () => forked('race-empty-post.ts', {})))
}

async function startLockPerOrder(): Promise<number[]> {
  await db.raw('CREATE TABLE race_stock (id INT PRIMARY KEY, stock INT NOT NULL)')
  await db.raw('CREATE TABLE race_orders (id VARCHAR(32) PRIMARY KEY, quantity INT NOT NULL)')
  await db.raw('INSERT INTO race_stock VALUES (1, ?)', [units])
  return [await forked('race-lock-per-order.ts', { MYSQL_URL: mysqlUrl, REDIS_URL: stores.redisUrl })]
}

async function forked(file: string, env: Record<string, string>): Promise<number> {
  const child = fork(new URL(file, import.meta.url).pathname, { env: { ...process.env, ...env } })
  children.push(child)
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return port
}

/** The service itself, as it is deployed, without a Kubernetes and without an image store. */
async function startServices(processes: number): Promise<number[]> {
  const env = { ...stores.env, TOKEN_PRIVATE_KEY: pem }
  services.push(...(await Promise.all(Array.from({ length: processes }, () => startCommerce(env)))))
  return services.map(({ url }) => Number(new URL(url).port))
}

async function stopChildren(): Promise<void> {
  await Promise.all(services.splice(0).map((service) => service.stop()))
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }),
  )
}

function figures({ answers, wallSeconds }: Race): (string | number)[] {
  return [count(answers, 201), count(answers, 409), failed(answers), wallSeconds, p(answers, 0.5), p(answers, 0.99)]
}

function count(answers: readonly RaceAnswer[], status: number): number {
  return answers.filter((each) => each.status === status).length
}

function failed(answers: readonly RaceAnswer[]): number {
  return answers.filter(({ status }) => status >= 500 || status === 0).length
}

function median(run: readonly Race[]): number {
  return quantile(
    run.map(({ wallSeconds }) => wallSeconds),
    0.5,
  )
}

function p(answers: readonly RaceAnswer[], q: number): number {
  return quantile(
    answers.map((each) => each.milliseconds),
    q,
  )
}
