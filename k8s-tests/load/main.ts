/**
 * `make load`: the shop and its viewers under JMeter, whose servers run as Pods of the embedded cluster, beside our own
 * generator with as many shoppers at the same beat; publishers are ffmpeg. JMeter's HTML report is kept in
 * k8s-tests/artifacts/load. Prints a table and, as its last line, one JSON object; ends with 1 when the report is not the
 * sum of what the servers served, or the two generators' orders a second differ by more than a tenth.
 *
 * SERVERS=2 SHOPPERS=20 VIEWERS=40 PUBLISHERS=2 SECONDS=60 BEAT_SECONDS=2; shoppers and viewers are those of all servers.
 */
import { readFile, rm, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fillIn } from '../cluster/install/addons/apply.ts'
import { pathsFor } from '../cluster/host/paths.ts'
import { step } from '../cluster/host/progress.ts'
import { readState } from '../cluster/node/state.ts'
import { startEncoder, type Encoder } from '../framework/broadcaster.ts'
import { createProduct, endBroadcast, openBroadcast, signUp, stockOf, type Person } from '../framework/people.ts'
import { artifacts, kubectl } from '../framework/platform-under-test.ts'
import { readRenditions, readText } from '../framework/playlist.ts'
import { notYet, waitFor } from '../framework/wait-for.ts'
import { ensureJmeterImage } from './jmeter-image.ts'
import { countByLabel, differences, quantile, readSamples, readServed, steadyRate } from './samples.ts'
import { runShop } from './shop-generator.ts'

const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const servers = number('SERVERS', 2)
const shoppers = number('SHOPPERS', 20)
const viewers = number('VIEWERS', 40)
const publishers = number('PUBLISHERS', 2)
const seconds = number('SECONDS', 60)
const beatMs = number('BEAT_SECONDS', 2) * 1_000
const namespace = 'mytaek1-load'
const stock = 1_000_000
/** The ingress, as Pods see it. */
const host = 'traefik.ingress.svc.cluster.local'

type Stream = { seller: Person; broadcastId: string; encoder: Encoder }

const paths = pathsFor(process.env)
const state = await readState(paths)
if (state?.node === undefined || process.env['CLUSTER'] === 'current')
  throw new Error('`make load` runs JMeter on the embedded cluster: `make up` starts one')
const image = await ensureJmeterImage(paths, state.node)
const streams: Stream[] = []
// Whoever loses patience leaves no encoder and no Pod behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().then(() => process.exit(1)))
try {
  const seller = await signUp('load-seller')
  const productId = await createProduct(seller, { name: 'load', price: 10_000, stock, unpaidPerBuyer: 100_000 })
  const playlists = await step(`${publishers} publishers`, () =>
    Promise.all(Array.from({ length: publishers }, (_, index) => publish(index))),
  )
  await step(`${servers} JMeter servers`, () => startPods())
  const own = await step('our own generator', () => runShop({ productId, shoppers, seconds, beatMs }))
  const run = String(Date.now())
  await step('JMeter', () => runJmeter(run, productId, playlists))
  const samples = readSamples(await inPod('jmeter', ['cat', `/results/${run}.jtl`]))
  const served = await Promise.all(
    serverNames().map(async (name) => readServed(await inPod(name, ['cat', `/results/served-${run}.csv`]))),
  )
  const report = path.join(artifacts, 'load')
  await rm(report, { recursive: true, force: true })
  await mkdir(artifacts, { recursive: true })
  await kubectl(['-n', namespace, 'cp', `jmeter:/results/${run}`, report])

  const counts = countByLabel(samples)
  const unequal = differences(counts, countByLabel(served.flat()))
  const [ownRate, jmeterRate] = [
    steadyRate(own.orderTimes),
    steadyRate(samples.filter(({ label, success }) => label === 'order' && success).map(({ at }) => at)),
  ]
  const ratio = jmeterRate / ownRate
  for (const label of [...new Set(samples.map((sample) => sample.label))].toSorted()) {
    const those = samples.filter((sample) => sample.label === label)
    const times = those.map(({ elapsedMs }) => elapsedMs)
    const failed = those.filter(({ success }) => !success).length
    const figures = [those.length, failed, quantile(times, 0.5), quantile(times, 0.95), quantile(times, 0.99)]
    console.log(label.padEnd(12) + figures.map((figure) => String(figure).padStart(10)).join(''))
  }
  for (const line of unequal) console.log(`the report is not the sum: ${line}`)
  const codes: Record<string, number> = {}
  for (const { label, code } of samples.filter(({ success }) => !success))
    codes[`${label} ${code}`] = (codes[`${label} ${code}`] ?? 0) + 1
  const left = stock - (await stockOf(productId))
  console.log(`report: ${report}/index.html; orders ours ${own.orderTimes.length}, stock taken ${left}`)
  console.log(
    JSON.stringify({
      servers: served.map((one) => one.length),
      samples: samples.length,
      isSum: unequal.length === 0,
      ordersPerSecond: { jmeter: round(jmeterRate), own: round(ownRate) },
      ratio: round(ratio),
      failures: { jmeter: codes, own: own.refusals },
      playlistP95Ms: quantile(
        samples.filter(({ label }) => label === 'playlist').map((one) => one.elapsedMs),
        0.95,
      ),
    }),
  )
  if (unequal.length > 0 || !(Math.abs(ratio - 1) <= 0.1)) process.exitCode = 1
} finally {
  await cleanUp()
}

/** Opens a broadcast, streams into it and waits for its pictures; answers the path of its media playlist. */
async function publish(index: number): Promise<string> {
  const seller = await signUp(`load-seller-${index}`)
  const { id } = await openBroadcast(seller, `load ${index}`, [])
  const encoder = startEncoder(seller.streamKey, { width: 640, height: 360 })
  streams.push({ seller, broadcastId: id, encoder })
  return await waitFor(`pictures of broadcast ${id}`, 60, async () => {
    const [source] = await readRenditions(id)
    if (source === undefined) return notYet('no rendition')
    return (await readText(source.url)).includes('#EXT-X-PART:') ? new URL(source.url).pathname : notYet('no part')
  })
}

async function startPods(): Promise<void> {
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=90s'])
  const manifest = await readFile(path.join(import.meta.dirname, 'jmeter/pods.yaml'), 'utf8')
  const values = { NAMESPACE: namespace, SERVERS: String(servers), IMAGE: image }
  // no namespace of the release's: the manifest names its own
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: fillIn(manifest, values) })
  await kubectl(['-n', namespace, 'rollout', 'status', 'statefulset/jmeter-server', '--timeout=120s'], {
    timeoutMs: 150_000,
  })
  await kubectl(['-n', namespace, 'wait', '--for=condition=Ready', 'pod/jmeter', '--timeout=60s'])
  const plan = await readFile(path.join(import.meta.dirname, 'shop-and-viewers.jmx'), 'utf8')
  await kubectl(['-n', namespace, 'exec', '-i', 'jmeter', '--', 'sh', '-c', 'cat > /results/plan.jmx'], { input: plan })
}

async function runJmeter(run: string, product: string, playlists: readonly string[]): Promise<void> {
  const addresses = await Promise.all(
    serverNames().map((name) => kubectl(['-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.podIP}'])),
  )
  const properties: Record<string, string | number> = {
    host,
    port: 80,
    product,
    streams: playlists.join(','),
    run,
    seconds,
    rampSeconds: 5,
    shoppers: Math.round(shoppers / servers),
    viewers: Math.round(viewers / servers),
    ordersPerMinute: 60_000 / beatMs,
  }
  const given = Object.entries(properties).map(([name, value]) => `'-G${name}=${value}'`)
  const command = [
    'exec java -Xmx512m -Djava.rmi.server.hostname=$ADDRESS -jar /opt/jmeter/bin/ApacheJMeter.jar',
    '--nongui --testfile /results/plan.jmx -Jserver.rmi.ssl.disable=true --jmeterlogfile /results/jmeter.log',
    `--remotestart ${addresses.join(',')} ${given.join(' ')}`,
    `--logfile /results/${run}.jtl --reportatendofloadtests --reportoutputfolder /results/${run}`,
  ]
  await kubectl(['-n', namespace, 'exec', 'jmeter', '--', 'sh', '-c', command.join(' ')], {
    timeoutMs: (seconds + 180) * 1_000,
  })
}

function serverNames(): string[] {
  return Array.from({ length: servers }, (_, index) => `jmeter-server-${index}`)
}

async function inPod(pod: string, command: readonly string[]): Promise<string> {
  return await kubectl(['-n', namespace, 'exec', pod, '--', ...command])
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

async function cleanUp(): Promise<void> {
  await Promise.allSettled(
    streams.splice(0).map(async ({ seller, broadcastId, encoder }) => {
      await encoder.stop()
      await endBroadcast(seller, broadcastId)
    }),
  )
  if (process.env['KEEP'] === undefined)
    await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']).catch(() => '')
}
