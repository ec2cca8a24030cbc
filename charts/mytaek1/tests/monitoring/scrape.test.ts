/** Every process as its image runs it, asked for its metrics: what a rule or a dashboard names, one of them has. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { testDatabase, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { eventually, startTestCluster, type TestCluster } from '../../../../operator/src/testing/cluster.ts'
import { chartFolder, find, renderChart } from '../helm.ts'
import { alerts, dashboards, metricsIn } from './rendered.ts'

const root = path.resolve(chartFolder, '../..')
const { privateKey } = generateKeyPairSync('ed25519')
const serviceToken = randomBytes(24).toString('hex')
const [commerceDb, paymentDb, redisUrl] = [await testDatabase(), await testDatabase(), await testRedisUrl()]

let cluster: TestCluster
let folder: string
const children: ChildProcess[] = []
before(async () => {
  cluster = await startTestCluster()
  folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-scrape-'))
  const template = find(await renderChart(), 'ConfigMap', 'mytaek1-stream-template').data['pod.yaml']
  await writeFile(path.join(folder, 'stream-pod.yaml'), template ?? '')
})
after(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await cluster.stop()
  await rm(folder, { recursive: true })
})

const nowhere = 'http://127.0.0.1:9'
const stores = { REDIS_URLS: redisUrl, SERVICE_TOKEN: serviceToken }
const kube = () => ({ KUBECONFIG: cluster.server.kubeconfigPath, NAMESPACE: 'default' })

/** What each process is started with, and the metric by which it is known to have registered its own. */
const processes: { service: string; args: string[]; env: () => NodeJS.ProcessEnv; last: string }[] = [
  {
    service: 'commerce',
    args: ['services/commerce/src/main.ts', 'serve'],
    env: () => ({
      ...stores,
      MYSQL_URL: commerceDb.url,
      S3_ENDPOINT: nowhere,
      S3_ACCESS_KEY_ID: 'none',
      S3_SECRET_ACCESS_KEY: 'none',
      TOKEN_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      PAYMENT_URL: nowhere,
      KUBERNETES: 'off',
    }),
    last: 'commerce_live_listeners',
  },
  {
    service: 'payment',
    args: ['services/payment/src/main.ts', 'serve'],
    env: () => ({
      ...stores,
      MYSQL_URL: paymentDb.url,
      COMMERCE_URL: nowhere,
      JWKS_URL: `${nowhere}/jwks.json`,
      GATEWAY_URL: nowhere,
      CARD_TOKEN_KEY: serviceToken,
    }),
    last: 'payment_open',
  },
  {
    service: 'storefront',
    args: ['services/storefront/src/server/main.ts'],
    env: () => ({ STATIC_FOLDER: folder }),
    last: 'http_request_duration_seconds',
  },
  {
    service: 'operator',
    args: ['operator/src/main.ts'],
    env: () => ({
      ...kube(),
      STREAM_TEMPLATE_FILE: path.join(folder, 'stream-pod.yaml'),
      POD_NAME: 'operator',
      DEBUG_PORT: '0',
    }),
    last: 'warm_pool_size',
  },
  { service: 'ingest', args: ['media/src/main.ts', 'ingest'], env: kube, last: 'ingest_attach_seconds' },
  {
    service: 'edge',
    args: ['media/src/main.ts', 'edge'],
    env: () => ({ ...stores, ...kube() }),
    last: 'edge_shed_total',
  },
  {
    service: 'stream',
    args: ['media/src/main.ts', 'stream'],
    env: () => ({ ...kube(), POD_NAME: 'stream', DATA_DIR: folder, TRANSCODER_DIR: folder }),
    last: 'media_transcoder_restarts_total',
  },
]

/** Starts a process and reads what it has for Prometheus, by the names of its metrics. */
async function scrape({ args, env, last }: (typeof processes)[number]): Promise<Set<string>> {
  const ports = { PORT: await freePort(), ADMIN_PORT: await freePort(), RTMP_PORT: await freePort() }
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'error', ...env(), ...strings(ports) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.push(child)
  return await eventually(`${args.join(' ')} has ${last}`, async () => {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${ports.ADMIN_PORT}/metrics`, {
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined)
    const names = namesIn((await answer?.text()) ?? '')
    return names.has(last) ? names : undefined
  })
}

suite('metrics', () => {
  test('each that a rule or a dashboard names is in a scrape of a process', async () => {
    for (const one of processes.filter(({ args }) => args.at(-1) === 'serve')) await migrate(one)
    const seen = new Map<string, Set<string>>()
    for (const one of processes) seen.set(one.service, await scrape(one))
    const has = (metric: string) => [...seen.values()].some((names) => names.has(metric))
    // `up` is Prometheus's own
    const named = [...(await alerts()).map(({ expr }) => expr), ...(await dashboards()).flatMap(queriesOf)].flatMap(
      metricsIn,
    )
    assert.ok(new Set(named).size > 70, String(new Set(named).size))
    assert.deepEqual([...new Set(named)].filter((metric) => metric !== 'up' && !has(metric)).toSorted(), [])
    // what is absent is found by these
    for (const [service, names] of seen) assert.ok(names.has('process_start_time_seconds'), service)
  })
})

const queriesOf = ({ panels }: Awaited<ReturnType<typeof dashboards>>[number]) =>
  panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

/** Names as queries have them: a histogram's are three. */
function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    names.add(name)
    if (type === 'histogram') for (const ending of ['_bucket', '_count', '_sum']) names.add(`${name}${ending}`)
  }
  return names
}

async function migrate({ args: [main = ''], env }: (typeof processes)[number]): Promise<void> {
  const child = spawn(process.execPath, [main, 'migrate'], {
    cwd: root,
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'error', ...env() },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  assert.equal(code, 0, `${main} migrate`)
}

const strings = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]))
