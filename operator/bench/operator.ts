/**
 * `make bench-operator` (or this file with any of `claims`, `memory`, `cold` as arguments): how fast a stream gets its Pod, how few writes that takes, and how soon a standby takes over.
 *
 * The operator runs as two processes, as in its Deployment, with the chart's Role, against a real etcd and apiserver whose
 * audit log counts the writes; a stand-in for kubelet makes the Pods Ready. With KUBECONFIG of a cluster where the platform is
 * installed (`make kubeconfig`) the cold start is measured there, with its stream Pods; without it that one is left out.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { labels, liveApi, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { startReflector, type Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import { AuditLog } from '../src/testing/audit-log.ts'
import {
  FakeKubelet,
  broadcastBody,
  connectEncoder,
  eventually,
  makeIngestPod,
  makeNamespace,
  reportStream,
  startTestCluster,
  testLog,
  testTemplate,
  type TestCluster,
} from '../src/testing/cluster.ts'
import { measureColdStarts } from './cold-start.ts'
import { startOperatorProcess, type OperatorProcess } from '../src/testing/operator-process.ts'
import { mountServiceAccount } from '../src/testing/service-account.ts'

const serialClaims = 100
const burstClaims = 50
const manyClaims = Number(process.env['CLAIMS'] ?? 5_000)
const manyObjects = Number(process.env['OBJECTS'] ?? 5_000)
const idleSeconds = 60
const coldStarts = Number(process.env['COLD'] ?? 20)

const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-bench-'))
const audit = await AuditLog.prepare(folder)
const templateFile = path.join(folder, 'stream-pod.yaml')
await writeFile(templateFile, JSON.stringify(testTemplate))
const processes: OperatorProcess[] = []
const noticed = new Set<(broadcast: Broadcast) => void>() // who waits for a change of some broadcast
const rows: [string, string, string][] = []
let cluster: TestCluster | undefined
let status = 1
// So that what it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
try {
  cluster = await startTestCluster({ apiserverArgs: audit.apiserverArgs })
  const asked = process.argv.slice(2)
  const isAsked = (part: string) => asked.length === 0 || asked.includes(part)
  const { warmMs, ...others } = isAsked('claims') ? await benchSmall(cluster) : { warmMs: null }
  const large = isAsked('memory') ? await benchLarge(cluster) : {}
  const coldP50Seconds = isAsked('cold') ? await benchColdStart() : null
  const result = { warmMs, coldP50Seconds, ...others, ...large }
  const width = Math.max(...rows.map(([what]) => what.length))
  for (const [what, value, target] of rows) console.log(`${what.padEnd(width)}  ${value.padStart(14)}  ${target}`)
  console.log(JSON.stringify(result))
  status = 0
} finally {
  await Promise.all(processes.map((one) => one.kill('SIGKILL')))
  await cluster?.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exit(status)

async function benchSmall(at: TestCluster) {
  const { api } = at
  const namespace = await makeNamespace(api, 'bench')
  const env = await operatorEnv(at, namespace)
  const username = `system:serviceaccount:${namespace}:operator`
  const kubelet = new FakeKubelet(api, namespace)
  const seen = startReflector({ api, resource: broadcasts, namespace, log: testLog(), onChange: (one) => notice(one) })
  await makeIngestPod(api, namespace)
  await makePool(at, namespace, burstClaims)
  const leader = start(env)
  await leader.logged('leader.elected')
  await untilWarm(kubelet, burstClaims)

  // 1. One after the other.
  const warmMs: number[] = []
  const before = (await audit.writesOf(username)).length
  for (let index = 0; index < serialClaims; index += 1) warmMs.push(await claim(at, namespace, seen, `serial-${index}`))
  warmMs.sort((a, b) => a - b)
  const p50 = at50(warmMs)
  const p99 = warmMs[Math.ceil(warmMs.length * 0.99) - 1] ?? 0
  rows.push(['warm claim, publisher recorded to PodAssigned, p50', `${p50.toFixed(1)} ms`, '<= 30 ms'])
  rows.push(['warm claim, p99', `${p99.toFixed(1)} ms`, '<= 120 ms'])
  await inTens(serialClaims, (index) => live(at, namespace, seen, `serial-${index}`))
  const claimWrites = (await audit.writesOf(username)).slice(before)
  const isRefill = (event: (typeof claimWrites)[number]) =>
    event.objectRef?.resource === 'mediapools' || (event.objectRef?.resource === 'pods' && event.verb === 'create')
  const toReady =
    claimWrites.filter((event) => !isRefill(event) && event.objectRef?.subresource !== 'resize').length / serialClaims
  const refill = claimWrites.filter(isRefill).length / serialClaims
  rows.push(['API writes per broadcast until Ready', toReady.toFixed(2), '<= 5'])
  rows.push(['   and of its pool, to refill', refill.toFixed(2), ''])

  // 2. To the end of their life: ended, lingered, deleted.
  await inTens(serialClaims, (index) => end(at, namespace, `serial-${index}`))
  await eventually('all broadcasts are gone', () => (seen.store.size === 0 ? true : undefined), { deadlineMs: 120_000 })
  const lifeWrites =
    (await audit.writesOf(username)).slice(before).filter((event) => !isRefill(event)).length / serialClaims
  rows.push(['API writes per broadcast in its life', lifeWrites.toFixed(2), '<= 12'])

  // 3. Nothing happens.
  await untilWarm(kubelet, burstClaims)
  await wait(3_000) // the pool's counts are written at most every second
  const idleFrom = (await audit.writesOf(username)).length
  await wait(idleSeconds * 1_000)
  const idleWrites = (((await audit.writesOf(username)).length - idleFrom) * 60) / idleSeconds
  rows.push(['API writes per minute when idle', idleWrites.toFixed(1), '0'])

  // 4. All at once.
  const names = Array.from({ length: burstClaims }, (_, index) => `burst-${index}`)
  await Promise.all(names.map((name) => open(at, namespace, seen, name)))
  await untilWarm(kubelet, burstClaims)
  const burstStart = performance.now()
  await Promise.all(names.map((name) => connectEncoder(api, namespace, name)))
  await Promise.all(names.map((name) => until(seen, namespace, name, isAssigned)))
  const burstSeconds = (performance.now() - burstStart) / 1_000
  rows.push([
    `burst of ${burstClaims} encoders on ${burstClaims} warm Pods, all assigned`,
    `${burstSeconds.toFixed(2)} s`,
    '<= 1 s',
  ])
  await Promise.all(names.map((name) => remove(at, namespace, name)))

  // 5. Many claims: no Pod is ever given to two.
  const givenTo = new Map<string, string>()
  let doubleAdoptions = 0
  const check = (broadcast: Broadcast) => {
    const { podUID } = broadcast.status ?? {}
    if (podUID === undefined) return
    const holder = givenTo.get(podUID)
    if (holder !== undefined && holder !== broadcast.metadata.uid) doubleAdoptions += 1
    givenTo.set(podUID, broadcast.metadata.uid)
  }
  noticed.add(check)
  for (let done = 0; done < manyClaims; done += burstClaims) {
    const round = Array.from({ length: burstClaims }, (_, index) => `many-${done + index}`)
    await Promise.all(round.map((name) => open(at, namespace, seen, name)))
    await Promise.all(round.map((name) => connectEncoder(api, namespace, name)))
    await Promise.all(round.map((name) => until(seen, namespace, name, isAssigned, 60_000)))
    await Promise.all(round.map((name) => remove(at, namespace, name)))
    await eventually('the round is gone', () => (seen.store.size === 0 ? true : undefined), { deadlineMs: 120_000 })
  }
  noticed.delete(check)
  rows.push([`Pods given to two broadcasts in ${manyClaims} claims`, String(doubleAdoptions), '0'])

  // 6. The leader dies, then its successor is asked to go.
  const standby = start(env)
  await standby.logged('operator.synced')
  await wait(1_000)
  await open(at, namespace, seen, 'kill')
  const killedAt = performance.now()
  await leader.kill('SIGKILL')
  await connectEncoder(api, namespace, 'kill')
  await until(seen, namespace, 'kill', isAssigned, 30_000)
  const leaderKillSeconds = (performance.now() - killedAt) / 1_000
  rows.push([
    'leader SIGKILL to the first broadcast served by the standby',
    `${leaderKillSeconds.toFixed(2)} s`,
    '<= 4 s',
  ])
  const third = start(env)
  await third.logged('operator.synced')
  await wait(1_000)
  await open(at, namespace, seen, 'term')
  const termAt = performance.now()
  const gone = standby.kill('SIGTERM')
  await connectEncoder(api, namespace, 'term')
  await until(seen, namespace, 'term', isAssigned, 30_000)
  // Whoever served it, the new leader's first reconcile is what counts.
  await third.logged('leader.elected')
  const leaderTermMs = Math.max(performance.now(), third.seen.get('leader.elected') ?? 0) - termAt
  rows.push([
    'leader SIGTERM to the first broadcast served by the standby',
    `${leaderTermMs.toFixed(0)} ms`,
    '<= 300 ms',
  ])
  await gone
  await third.kill('SIGTERM')
  await seen.stop()
  await kubelet.stop()
  return {
    warmMs: { p50: round(p50), p99: round(p99) },
    burst50Seconds: round(burstSeconds),
    writesToReady: toReady,
    writesLifetime: lifeWrites,
    idleWritesPerMinute: idleWrites,
    doubleAdoptions,
    leaderKillSeconds: round(leaderKillSeconds),
    leaderTermMs: Math.round(leaderTermMs),
  }
}

// With a real kubelet, where there is one.
async function benchColdStart(): Promise<number | null> {
  const kubeconfig = process.env['KUBECONFIG']
  if (!kubeconfig) return null
  const release = { name: process.env['RELEASE'] ?? 'mytaek1', namespace: process.env['NAMESPACE'] ?? 'mytaek1' }
  const seconds = await measureColdStarts({ kubeconfig, release, count: coldStarts, folder })
  const p50 = at50(seconds)
  rows.push(['cold start with the image present, p50', `${p50.toFixed(2)} s`, '<= 2.5 s'])
  return round(p50)
}

// 5,000 live broadcasts, each with its Pod: what the operator weighs, and how long a new one takes to know them all.
async function benchLarge(at: TestCluster) {
  const { api } = at
  const namespace = await makeNamespace(api, 'bench-large')
  const env = await operatorEnv(at, namespace)
  const username = `system:serviceaccount:${namespace}:operator`
  await makeIngestPod(api, namespace)
  const kubelet = new FakeKubelet(api, namespace)
  const seen = startReflector({ api, resource: broadcasts, namespace, log: testLog(), onChange: (one) => notice(one) })
  const first = start({ ...env, WARM_POOL_BUFFER: '0' })
  await first.logged('leader.elected')
  const step = 50
  for (let done = 0; done < manyObjects; done += step) {
    const names = Array.from({ length: step }, (_, index) => `large-${done + index}`)
    await Promise.all(
      names.map(async (name) => {
        await api.create(broadcasts, { namespace }, broadcastBody(namespace, name))
        await connectEncoder(api, namespace, name)
        await reportStream(api, namespace, name, 'playing')
      }),
    )
  }
  const ready = () => [...seen.store.values()].filter(isReady).length
  await eventually('all are Ready', () => (ready() === manyObjects ? true : undefined), {
    deadlineMs: 600_000,
    state: ready,
  })
  const rssMiB = (await residentBytes(first)) / 2 ** 20
  rows.push([`memory with ${manyObjects} broadcasts and their Pods`, `${rssMiB.toFixed(0)} MiB`, '<= 300 MiB'])
  await first.kill('SIGTERM')
  const writesBefore = (await audit.writesOf(username)).length
  const startedAt = performance.now()
  const second = start({ ...env, WARM_POOL_BUFFER: '0' })
  await second.logged('leader.elected', 120_000)
  await eventually('every broadcast was looked at', async () => {
    const text = await second.metrics()
    const match = /controller_runtime_reconcile_time_seconds_count\{[^}]*controller="broadcast"[^}]*\} (\d+)/.exec(text)
    return Number(match?.[1] ?? 0) >= manyObjects ? true : undefined
  })
  const restartSeconds = (performance.now() - startedAt) / 1_000
  const writes = (await audit.writesOf(username)).length - writesBefore
  rows.push(['restart until all are reconciled', `${restartSeconds.toFixed(1)} s`, '<= 15 s'])
  rows.push(['   writes in that time', String(writes), '0'])
  const restartedMiB = (await residentBytes(second)) / 2 ** 20
  rows.push(['   memory after it', `${restartedMiB.toFixed(0)} MiB`, '<= 300 MiB'])
  await second.kill('SIGTERM')
  await seen.stop()
  await kubelet.stop()
  return {
    rssMiB5000: Math.round(Math.max(rssMiB, restartedMiB)),
    restartSeconds5000: round(restartSeconds),
    restartWrites5000: writes,
  }
}

async function operatorEnv(at: TestCluster, namespace: string): Promise<Record<string, string>> {
  return {
    ...(await mountServiceAccount(at, namespace)),
    STREAM_TEMPLATE_FILE: templateFile,
    NODE_ENV: 'production',
  }
}

function start(env: Record<string, string>): OperatorProcess {
  const one = startOperatorProcess({ ...env, POD_NAME: `operator-${processes.length}` })
  processes.push(one)
  return one
}

async function makePool({ api }: TestCluster, namespace: string, buffer: number): Promise<void> {
  const spec = { min: 0, max: 10_000, buffer, refillPerSecond: 100 }
  const body = { apiVersion: liveApi.apiVersion, kind: 'MediaPool', metadata: { name: 'default', namespace }, spec }
  await api.create(mediaPools, { namespace }, body)
}

async function untilWarm(kubelet: FakeKubelet, count: number): Promise<void> {
  const warm = () =>
    kubelet.pods.filter(
      ({ metadata, status }) => metadata.labels[labels.pool] && !metadata.labels[labels.broadcast] && status.podIP,
    ).length
  await eventually(`${count} Pods are warm`, () => (warm() >= count ? true : undefined), {
    deadlineMs: 120_000,
    state: warm,
  })
}

function notice(broadcast: Broadcast): void {
  for (const look of noticed) look(broadcast)
}

function isTrue(broadcast: Broadcast, type: string): boolean {
  return (
    broadcast.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  )
}
function isAssigned(broadcast: Broadcast): boolean {
  return isTrue(broadcast, 'PodAssigned')
}
function isReady(broadcast: Broadcast): boolean {
  return isTrue(broadcast, 'Ready')
}

// Resolves in the watch event itself, so that no polling interval is measured.
async function until(
  seen: Reflector<Broadcast>,
  namespace: string,
  name: string,
  is: (broadcast: Broadcast) => boolean,
  deadlineMs = 30_000,
): Promise<void> {
  const key = `${namespace}/${name}`
  const now = seen.store.get(key)
  if (now && is(now)) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(
    () => reject(new Error(`${name}: ${is.name || 'state'} not reached: ${JSON.stringify(seen.store.get(key))}`)),
    deadlineMs,
  )
  const look = (broadcast: Broadcast) => {
    if (keyOf(broadcast) === key && is(broadcast)) resolve()
  }
  noticed.add(look)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    noticed.delete(look)
  }
}

// Ten at a time: the load generator is not what is measured.
async function inTens(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let index = 0
  const next = async () => {
    while (index < count) {
      const mine = index
      index += 1
      await run(mine)
    }
  }
  await Promise.all(Array.from({ length: 10 }, next))
}

async function open({ api }: TestCluster, namespace: string, seen: Reflector<Broadcast>, name: string): Promise<void> {
  await api.create(broadcasts, { namespace }, broadcastBody(namespace, name))
  await until(seen, namespace, name, (broadcast) => broadcast.status?.phase === 'Open')
}

async function claim(at: TestCluster, namespace: string, seen: Reflector<Broadcast>, name: string): Promise<number> {
  await open(at, namespace, seen, name)
  const assigned = until(seen, namespace, name, isAssigned).then(() => performance.now())
  await connectEncoder(at.api, namespace, name)
  const recordedAt = performance.now()
  return Math.max(0, (await assigned) - recordedAt)
}

async function live(at: TestCluster, namespace: string, seen: Reflector<Broadcast>, name: string): Promise<void> {
  await reportStream(at.api, namespace, name, 'playing')
  await until(seen, namespace, name, isReady)
}

async function end({ api }: TestCluster, namespace: string, name: string): Promise<void> {
  const body = { spec: { state: 'Ended' } }
  await api.patch(broadcasts, { namespace, name }, { type: 'merge', body })
  await reportStream(api, namespace, name, 'ended')
  await eventually(
    `${name} has no Pod`,
    async () => {
      const { status } = await api.get(broadcasts, { namespace, name })
      await wait(1_000)
      return status?.phase === 'Ended' && status.podName === undefined ? true : undefined
    },
    { deadlineMs: 120_000 },
  )
  await remove({ api } as TestCluster, namespace, name)
}

async function remove({ api }: TestCluster, namespace: string, name: string): Promise<void> {
  await api.delete(broadcasts, { namespace, name })
}

async function residentBytes(operator: OperatorProcess): Promise<number> {
  return Number(/^process_resident_memory_bytes\{[^}]*\} (\S+)/m.exec(await operator.metrics())?.[1])
}

function at50(sorted: number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
function round(value: number): number {
  return Math.round(value * 100) / 100
}
