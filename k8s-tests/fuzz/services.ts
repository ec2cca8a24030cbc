/** Commerce, payment and the simulated card network as they run in production, on stores started for this run. */
import { createDatabase } from '@mytaek1/platform/testing/database.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort, startMariadb, startRedis, startS3, type Part } from '@mytaek1/platform/testing/parts.ts'
import { checkoutRoot } from '../cluster/host/paths.ts'
import { run } from '../cluster/host/run.ts'

const startDeadlineMs = 60_000
const noLimit = '1000000'

/** The running services. */
export interface Services {
  commerceUrl: string
  paymentUrl: string
  /** Runs one of commerce's own commands, such as `grant-admin`. */
  commerceCommand: (...args: string[]) => Promise<void>
  stop(): Promise<void>
}

/** Starts everything; limits of how often are out of the way, since one address sends all requests. */
export async function startServices(options: { versitygw: string }): Promise<Services> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each()
  }
  const part = async (starting: Promise<Part>) => {
    const started = await starting
    stops.push(() => started.stop())
    return started
  }
  try {
    const mariadb = await part(startMariadb())
    const redis = await part(startRedis())
    const s3 = await part(startS3({ binary: options.versitygw }))
    const [commercePort, paymentPort, simulatorPort] = await Promise.all([freePort(), freePort(), freePort()])
    const url = (port: number) => `http://127.0.0.1:${port}`
    await run('mariadb', ['-h127.0.0.1', `-P${mariadb.port}`, '-uroot', '-e', createDatabases])
    const { privateKey } = generateKeyPairSync('ed25519')
    const common = { PATH: process.env.PATH, LOG_LEVEL: 'warn', ADMIN_PORT: '0', SERVICE_TOKEN: secret() }
    const commerce = {
      ...common,
      PORT: `${commercePort}`,
      MYSQL_URL: `${mariadb.url}commerce`,
      REDIS_URLS: redis.url,
      S3_ENDPOINT: s3.url,
      S3_ACCESS_KEY_ID: 'test',
      S3_SECRET_ACCESS_KEY: 'test-secret',
      TOKEN_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      PAYMENT_URL: url(paymentPort),
      KUBERNETES: 'off',
      LIMIT_SIGN_UPS_PER_HOUR: noLimit,
      LIMIT_RECOVERIES_PER_HOUR: noLimit,
      LIMIT_SIGN_IN_FAILURES_PER_ADDRESS: noLimit,
      LIMIT_SIGN_IN_FAILURES: noLimit,
      LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT: noLimit,
      LIMIT_ORDERS_PER_MINUTE: noLimit,
      LIMIT_CHAT_REPORTS_PER_HOUR: noLimit,
      UNPAID_UNITS_PER_BUYER: '1000000',
      UNPAID_ORDERS_PER_BUYER: '1000000',
      LIMIT_CHANGES_PER_MINUTE: noLimit,
      LIMIT_UPLOADS_PER_MINUTE: noLimit,
      LIMIT_MESSAGES_PER_SECOND: noLimit,
      LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST: noLimit,
    }
    const payment = {
      ...common,
      PORT: `${paymentPort}`,
      MYSQL_URL: `${mariadb.url}payment`,
      COMMERCE_URL: url(commercePort),
      JWKS_URL: `${url(commercePort)}/api/commerce/v1/jwks.json`,
      GATEWAY_URL: url(simulatorPort),
      CARD_TOKEN_KEY: secret(),
      REDIS_URLS: redis.url,
      LIMIT_CARDS_PER_ACCOUNT: noLimit,
      LIMIT_CARDS_PER_ADDRESS: noLimit,
      LIMIT_DECLINES_PER_ACCOUNT: noLimit,
      LIMIT_DECLINES_PER_ADDRESS: noLimit,
      LIMIT_DECLINES_PER_BIN: noLimit,
      CARD_TOKEN_SECONDS: '1200', // cards are sealed before the run
    }
    await run(process.execPath, [mainOf('commerce'), 'migrate'], { env: commerce })
    await run(process.execPath, [mainOf('payment'), 'migrate'], { env: payment })
    const process_ = async (service: string, command: string, env: NodeJS.ProcessEnv) => {
      const child = spawn(process.execPath, [mainOf(service), command], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      stops.push(() => end(child))
      showFailures(child)
      await listening(child, Number(env.PORT))
    }
    const simulator = { PORT: `${simulatorPort}`, MYSQL_URL: `${mariadb.url}simulator`, SIMULATOR_LATENCY_MS: '5' }
    await process_('payment', 'simulator', { ...payment, ...simulator })
    await process_('commerce', 'serve', commerce)
    await process_('payment', 'serve', payment)
    return {
      commerceUrl: url(commercePort),
      paymentUrl: url(paymentPort),
      commerceCommand: async (...args) =>
        void (await run(process.execPath, [mainOf('commerce'), ...args], { env: commerce })),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const createDatabases = ['commerce', 'payment', 'simulator'].map(createDatabase).join(';')
const secret = () => randomBytes(32).toString('hex')
const mainOf = (service: string) => path.join(checkoutRoot, 'services', service, 'src/main.ts')

// A 5xx has its reason in the log only: the caller is told nothing.
function showFailures(child: ChildProcess): void {
  if (child.stdout === null) return
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('"level":"error"')) process.stderr.write(`    ${line.slice(0, 1_000)}\n`)
  })
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + startDeadlineMs
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    )
    if (answer !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${child.spawnargs.slice(1).join(' ')} did not listen on ${port}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
