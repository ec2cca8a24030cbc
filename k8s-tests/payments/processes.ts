/** Both services and the simulated card network as they run in production, on stores of this run; each can be killed. */
import { createDatabase } from '@mytaek1/platform/testing/database.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { freePort, startMariadb, startRedis, type Part } from '@mytaek1/platform/testing/parts.ts'
import { checkoutRoot } from '../cluster/host/paths.ts'
import { run } from '../cluster/host/run.ts'

const startDeadlineMs = 300_000
const noLimit = '1000000'
// a database of a hot minute; with the little memory that tests give it MariaDB would write pages all the time
const memory = [
  '--innodb-buffer-pool-size=512M',
  '--innodb-log-file-size=512M',
  '--innodb-monitor-enable=trx_rw_commits',
]

/** A pool of connections. */
export type Database = ReturnType<typeof connectMysql>

/** A service process that is started again on the same port after it was killed. */
export interface Service {
  url: string
  /** SIGKILL: nothing is put in order. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** Tells its process something. */
  signal(name: NodeJS.Signals): void
  /** Processor time that its process has used. */
  cpuSeconds(): number
}

/** A store that is started again on the same port, with what it has on disk. */
export interface Store {
  url: string
  kill(): Promise<void>
  start(): Promise<void>
  cpuSeconds(): number
}

/** Everything that a payment passes. */
export interface PaymentPlatform {
  mariadb: Store
  redis: Store
  commerce: Service[]
  payment: Service[]
  bank: Service
  networkUrl: string
  /** The card network's own database server. */
  vault: Store
  /** Databases, for setting up and judging. */
  shop: Database
  payments: Database
  network: Database
  /** Starts a module of this folder beside them, with a database of its own. */
  startBeside(module: string, database: string): Promise<Service>
  /** The PEM of the key that signs access tokens. */
  tokenKey: string
  stop(): Promise<void>
}

/**
 * Starts everything. The card network has a MariaDB of its own, which no fault of ours meets and whose work counts as
 * nobody's.
 */
export async function startPlatform(options: {
  processes: number
  commerce?: NodeJS.ProcessEnv
  payment?: NodeJS.ProcessEnv
  network?: NodeJS.ProcessEnv
  /** Puts something between payment and whom it calls, and answers where that is. */
  between?: (called: { url: string; serviceToken: string }) => Promise<string>
}): Promise<PaymentPlatform> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each().catch((error: unknown) => console.error(error))
  }
  try {
    const [mariadb, redis, vault] = await Promise.all([
      store(stops, (at) => startMariadb({ ...at, arguments: memory })),
      store(stops, startRedis),
      store(stops, (at) => startMariadb({ ...at, arguments: ['--innodb-flush-log-at-trx-commit=2'] })),
    ])
    await create(mariadb.url, ['commerce', 'payment'])
    await create(vault.url, ['simulator'])
    const networkPort = await freePort()
    const ports = await Promise.all(Array.from({ length: 2 * options.processes }, () => freePort()))
    const [commercePorts, paymentPorts] = [ports.slice(0, options.processes), ports.slice(options.processes)]
    const url = (port: number | undefined) => `http://127.0.0.1:${port}`
    const { privateKey } = generateKeyPairSync('ed25519')
    const tokenKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const serviceToken = secret()
    const common = { PATH: process.env.PATH, LOG_LEVEL: 'error', ADMIN_PORT: '0', SERVICE_TOKEN: serviceToken }
    const calledAt = async (port: number | undefined) =>
      (await options.between?.({ url: url(port), serviceToken })) ?? url(port)
    const commerceEnv = {
      ...common,
      MYSQL_URL: `${mariadb.url}commerce`,
      REDIS_URLS: redis.url,
      S3_ENDPOINT: 'http://127.0.0.1:9', // no images here
      S3_ACCESS_KEY_ID: 'none',
      S3_SECRET_ACCESS_KEY: 'none',
      TOKEN_PRIVATE_KEY: tokenKey,
      PAYMENT_URL: url(paymentPorts[0]),
      KUBERNETES: 'off',
      ...options.commerce,
    }
    const paymentEnv = {
      ...common,
      MYSQL_URL: `${mariadb.url}payment`,
      REDIS_URLS: redis.url,
      JWKS_URL: `${url(commercePorts[0])}/api/commerce/v1/jwks.json`,
      COMMERCE_URL: url(commercePorts[0]),
      GATEWAY_URL: await calledAt(networkPort),
      CARD_TOKEN_KEY: secret(),
      CARD_TOKEN_SECONDS: '1200', // cards are sealed before the run
      LIMIT_CARDS_PER_ADDRESS: noLimit, // one address sends all requests
      LIMIT_DECLINES_PER_ADDRESS: noLimit,
      LIMIT_DECLINES_PER_BIN: noLimit,
      ...options.payment,
    }
    const networkEnv = {
      ...common,
      MYSQL_URL: `${vault.url}simulator`,
      PORT: `${networkPort}`,
      SIMULATOR_LATENCY_MS: '0',
      WEBHOOK_URL: `${url(paymentPorts[0])}/api/payment/v1/webhooks/simulator`,
      ...options.network,
    }
    await Promise.all([
      run(process.execPath, [mainOf('commerce'), 'migrate'], { env: commerceEnv }),
      run(process.execPath, [mainOf('payment'), 'migrate'], { env: paymentEnv }),
    ])
    const bank = await service(stops, [mainOf('payment'), 'simulator'], networkEnv)
    const commerce = await Promise.all(
      commercePorts.map((port) => service(stops, [mainOf('commerce'), 'serve'], { ...commerceEnv, PORT: `${port}` })),
    )
    const payment = await Promise.all(
      paymentPorts.map(async (port, n) => {
        const env = { ...paymentEnv, PORT: `${port}`, COMMERCE_URL: await calledAt(commercePorts[n]) }
        return await service(stops, [mainOf('payment'), 'serve'], env)
      }),
    )
    const [shop, payments, network] = [`${mariadb.url}commerce`, `${mariadb.url}payment`, `${vault.url}simulator`].map(
      (each) => connectMysql({ url: each, poolMax: 4, statementSeconds: 60 }),
    )
    if (!shop || !payments || !network) throw new Error('a database is missing')
    stops.push(async () => void (await Promise.all([shop, payments, network].map((db) => db.destroy()))))
    return {
      mariadb,
      redis,
      vault,
      commerce,
      payment,
      bank,
      networkUrl: url(networkPort),
      startBeside: async (module, database) => {
        await create(mariadb.url, [database])
        const env = { PATH: process.env.PATH, MYSQL_URL: `${mariadb.url}${database}`, PORT: `${await freePort()}` }
        return await service(stops, [path.join(import.meta.dirname, module)], env)
      },
      shop,
      payments,
      network,
      tokenKey,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type StartPart = (at: { folder: string; port: number }) => Promise<Part>

async function store(stops: (() => Promise<void>)[], startPart: StartPart): Promise<Store> {
  const at = { folder: await mkdtemp(path.join(tmpdir(), 'mytaek1-payments-')), port: await freePort() }
  let part = await startPart(at)
  stops.push(async () => {
    await part.stop()
    await rm(at.folder, { recursive: true, force: true })
  })
  return {
    url: part.url,
    kill: () => part.kill(),
    cpuSeconds: () => cpuSecondsOf(part.pid),
    start: async () => void (part = await startPart(at)),
  }
}

async function service(stops: (() => Promise<void>)[], command: string[], env: NodeJS.ProcessEnv): Promise<Service> {
  let child: ChildProcess | undefined
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  const start = async () => {
    child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    showFailures(child)
    await listening(child, Number(env.PORT))
  }
  stops.push(() => end('SIGTERM'))
  await start()
  return {
    url: `http://127.0.0.1:${env.PORT}`,
    kill: () => end('SIGKILL'),
    start,
    stop: () => end('SIGTERM'),
    signal: (name) => void child?.kill(name),
    cpuSeconds: () => cpuSecondsOf(child?.pid ?? 0),
  }
}

async function create(serverUrl: string, names: string[]): Promise<void> {
  const admin = connectMysql({ url: serverUrl, poolMax: 1 })
  for (const name of names) await admin.raw(createDatabase(name))
  await admin.destroy()
}

// user and system time in hundredths of a second: fields 14 and 15, counted after the name, which may hold spaces
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const secret = () => randomBytes(32).toString('hex')
const mainOf = (name: string) => path.join(checkoutRoot, 'services', name, 'src/main.ts')

/** What processes say when they fail; a run that breaks them on purpose prints it only when asked to. */
function showFailures(child: ChildProcess): void {
  if (child.stdout === null) return
  const isShown = process.env.SHOW_LOG === '1'
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (isShown) process.stderr.write(`    ${line.slice(0, 1_000)}\n`)
  })
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + startDeadlineMs
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const asked = fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) })
    if ((await asked.then((answer) => answer.status).catch(() => 0)) > 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  if (child.signalCode !== null) return // killed meanwhile, by whoever breaks things
  throw new Error(`${child.spawnargs.slice(1).join(' ')} did not listen on ${port}`)
}
