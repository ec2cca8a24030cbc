/** As many encoders at once as there are warm Pods: until each has its own. */
import { setTimeout as wait } from 'node:timers/promises'
import { isAssigned, numbered } from './driver.ts'
import { round, type Report } from './report.ts'
import type { Testbed } from './testbed.ts'

/** The pool's counts are written every second at most. */
const settleMs = 3_000
const warmPods = Number(process.env['WARM_PODS'] ?? 50)

/** An operator must lead already. */
export async function benchBurst({ driver, ...testbed }: Testbed, report: Report) {
  await testbed.setPool({ buffer: warmPods, max: warmPods })
  const names = numbered('burst', warmPods)
  for (const name of names) await driver.open(name)
  await testbed.untilWarm(warmPods) // those that were live before have their successors
  await wait(settleMs)
  const startedAt = performance.now()
  await Promise.all(names.map((name) => driver.connect(name)))
  const recordedAt = performance.now()
  await Promise.all(names.map((name) => driver.until(name, isAssigned)))
  const burstSeconds = (performance.now() - startedAt) / 1_000
  const what = `burst of ${warmPods} encoders on ${warmPods} warm Pods, all assigned`
  report.add(what, `${burstSeconds.toFixed(2)} s`, '<= 1 s')
  report.add('   of which until the last publisher was recorded', `${((recordedAt - startedAt) / 1_000).toFixed(2)} s`)
  await Promise.all(names.map((name) => driver.remove(name)))
  await driver.untilNone()
  return { burst50Seconds: round(burstSeconds) }
}
