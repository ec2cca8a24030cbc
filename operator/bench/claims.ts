/** Encoders that find warm Pods one after the other; what a broadcast costs in writes. */
import { setTimeout as wait } from 'node:timers/promises'
import type { AuditEvent } from '../src/testing/audit-log.ts'
import { isReported, numbered } from './driver.ts'
import { quantile, round, type Report } from './report.ts'
import type { Testbed } from './testbed.ts'

const warmPods = Number(process.env['WARM_PODS'] ?? 50)
const rounds = 2 // of as many claims as there are warm Pods
const idleSeconds = Number(process.env['IDLE_SECONDS'] ?? 60)
const liveStreams = Math.min(10, warmPods) // the pool has no more
/** The pool's counts are written every second at most. */
const settleMs = 3_000

const isRefill = ({ objectRef, verb }: AuditEvent) =>
  objectRef?.resource === 'mediapools' || (objectRef?.resource === 'pods' && verb === 'create')
// What the cluster may refuse, and nobody waits for.
const isRaise = ({ objectRef }: AuditEvent) => objectRef?.subresource === 'resize'

/**
 * An operator must lead already. Pods of a real cluster take both cores of a small machine to start, so the pool is full,
 * and refills after each round.
 */
export async function benchClaims(testbed: Testbed, report: Report) {
  const { driver, writesSince } = testbed
  const warmMs: number[] = []
  const writes = { toReady: 0, refill: 0, life: 0, idlePerMinute: 0 }
  await testbed.setPool({ buffer: warmPods, max: warmPods })
  for (let turn = 0; turn < rounds; turn += 1) {
    await testbed.untilWarm(warmPods)
    await wait(settleMs)
    const since = new Date()
    const names = numbered(`serial-${turn}`, warmPods)
    // 1. One after the other.
    for (const name of names) warmMs.push(await driver.claim(name))
    if (testbed.hasRealPods) await Promise.all(names.map((name) => driver.until(name, isReported)))
    await Promise.all(names.map((name) => driver.play(name)))
    const toReady = (await writesSince?.(since)) ?? []
    writes.toReady += toReady.filter((event) => !isRefill(event) && !isRaise(event)).length
    // 2. To the end of their life: ended, lingered, deleted.
    await Promise.all(names.map((name) => driver.end(name)))
    await driver.untilNone()
    const life = (await writesSince?.(since)) ?? []
    writes.life += life.filter((event) => !isRefill(event)).length
    writes.refill += life.filter(isRefill).length
  }
  const claims = rounds * warmPods
  const [p50, p99] = [quantile(warmMs, 0.5), quantile(warmMs, 0.99)]
  report.add('warm claim, publisher recorded to PodAssigned, p50', `${p50.toFixed(1)} ms`, '<= 30 ms')
  report.add('   p99', `${p99.toFixed(1)} ms`, '<= 120 ms')

  // 3. Nothing happens.
  await testbed.untilWarm(warmPods)
  await wait(settleMs)
  if (writesSince) {
    const since = new Date()
    await wait(idleSeconds * 1_000)
    writes.idlePerMinute = ((await writesSince(since)).length * 60) / idleSeconds
    report.add('API writes per broadcast until Ready', (writes.toReady / claims).toFixed(2), '<= 5')
    report.add('   in its life', (writes.life / claims).toFixed(2), '<= 12')
    report.add('   and of its pool, to refill', (writes.refill / claims).toFixed(2))
    report.add('API writes per minute when idle', writes.idlePerMinute.toFixed(1), '0')
  } else report.add('API writes', 'not counted', 'this cluster has no audit log at hand')

  const liveWritesPerMinute = await benchLive(testbed, report)

  return {
    warmMs: { p50: round(p50), p99: round(p99) },
    writesToReady: writesSince ? round(writes.toReady / claims) : null,
    writesLifetime: writesSince ? round(writes.life / claims) : null,
    idleWritesPerMinute: writesSince ? writes.idlePerMinute : null,
    liveWritesPerMinute,
  }
}

// 4. Streams are live: whatever anybody writes of them, heartbeats included.
async function benchLive({ driver, writesTo, hasRealPods }: Testbed, report: Report): Promise<number | null> {
  if (!writesTo) return null
  const names = numbered('live', liveStreams)
  for (const name of names) {
    await driver.claim(name)
    if (hasRealPods) await driver.until(name, isReported) // its Pod's word, that there is no picture, would come after ours
    await driver.play(name)
  }
  await wait(settleMs)
  const beats = names.map((name) => driver.beat(name))
  const since = new Date()
  await wait(idleSeconds * 1_000 + 500)
  for (const stop of beats) stop()
  const perMinute = (count: number) => (count * 60) / idleSeconds / liveStreams
  const ofBroadcasts = perMinute((await writesTo('broadcasts', since)).length)
  const ofPods = perMinute(
    (await writesTo('pods', since)).filter(({ user }) => !/kubelet|node/.test(user.username)).length,
  )
  const ofLeases = perMinute(
    (await writesTo('leases', since)).filter(({ user }) => !user.username.endsWith(':operator')).length,
  )
  report.add('API writes per live stream and minute', (ofBroadcasts + ofPods + ofLeases).toFixed(2), '<= 6')
  report.add('   of which to Broadcasts, which wake everybody', ofBroadcasts.toFixed(2))
  await Promise.all(names.map((name) => driver.end(name)))
  await driver.untilNone()
  return round(ofBroadcasts + ofPods + ofLeases)
}
