/**
 * `make bench-operator` (or this file with any of `claims`, `burst`, `cold`, `adoptions`, `scale` as arguments): how fast a stream
 * gets its Pod, how few writes that takes, and how soon a standby takes over.
 *
 * Operators run as processes started as in their image, with the chart's Role. Claims, cold starts and failover are measured
 * on the cluster where the platform is installed (the embedded one, or KUBECONFIG's), in a namespace of their own, with real
 * stream Pods; its audit log counts the writes. Thousands of claims and of Broadcasts are measured on an apiserver of
 * their own, where a stand-in for kubelet makes the Pods Ready; so are claims and failover where there is no cluster.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { benchAdoptions } from './adoptions.ts'
import { benchBurst } from './burst.ts'
import { benchClaims } from './claims.ts'
import { benchColdStart } from './cold-start.ts'
import { benchFailover } from './failover.ts'
import { Report } from './report.ts'
import { benchScale } from './scale.ts'
import { clusterTestbed, startLocalCluster, type Testbed } from './testbed.ts'

const asked = process.argv.slice(2)
const isAsked = (part: string) => asked.length === 0 || asked.includes(part)
const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-bench-'))
const report = new Report()
const open = new Set<() => Promise<void>>()
let local: Awaited<ReturnType<typeof startLocalCluster>> | undefined
let status = 1
// So that what it started ends with it, on the cluster too.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)))
try {
  const claims = isAsked('claims') ? await on(cluster, measureClaims) : {}
  const burst = isAsked('burst') ? await on(cluster, measureBurst) : {}
  const cold = isAsked('cold') ? await on(onlyCluster, (testbed) => benchColdStart(testbed, report)) : {}
  const adoptions = isAsked('adoptions') ? await on(own, (testbed) => benchAdoptions(testbed, report)) : {}
  const scale = isAsked('scale') ? await on(own, (testbed) => benchScale(testbed, report)) : {}
  const none = { warmMs: null, coldP50Seconds: null, burst50Seconds: null, writesToReady: null, writesLifetime: null }
  const others = {
    idleWritesPerMinute: null,
    liveWritesPerMinute: null,
    doubleAdoptions: null,
    leaderKillSeconds: null,
    leaderTermMs: null,
  }
  const large = { rssMiB5000: null, restartSeconds5000: null }
  report.print({ ...none, ...others, ...large, ...claims, ...burst, ...cold, ...adoptions, ...scale })
  status = 0
} finally {
  await cleanUp()
}
process.exit(status)

async function measureClaims(testbed: Testbed) {
  const leader = testbed.start()
  await leader.logged('leader.elected')
  const claims = await benchClaims(testbed, report)
  return { ...claims, ...(await benchFailover(testbed, leader, report)) }
}

async function measureBurst(testbed: Testbed) {
  await testbed.start().logged('leader.elected')
  return benchBurst(testbed, report)
}

async function on<T>(where: () => Promise<Testbed | undefined>, run: (testbed: Testbed) => Promise<T>) {
  const testbed = await where()
  if (testbed === undefined) return {}
  const close = () => testbed.close()
  open.add(close)
  report.add(`on ${testbed.where}:`, '')
  const result = await run(testbed)
  open.delete(close)
  await close()
  return result
}

// Function declarations: they are used above.
async function cluster(): Promise<Testbed | undefined> {
  return (await clusterTestbed(folder)) ?? own()
}
async function onlyCluster(): Promise<Testbed | undefined> {
  const testbed = await clusterTestbed(folder)
  if (testbed === undefined) report.add('cold start', 'not measured', 'no cluster: `make up` starts one')
  return testbed
}
async function own(): Promise<Testbed | undefined> {
  local ??= await startLocalCluster(folder)
  return local.testbed(`bench-${open.size}-${Date.now().toString(36)}`)
}

async function cleanUp(): Promise<void> {
  for (const close of open) await close().catch((error: unknown) => console.error(error))
  open.clear()
  await local?.stop()
  await rm(folder, { recursive: true, force: true })
}
