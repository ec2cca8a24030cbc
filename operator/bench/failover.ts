/** The leader dies, then its successor is asked to go. */
import { setTimeout as wait } from 'node:timers/promises'
import type { OperatorProcess } from '../src/testing/operator-process.ts'
import { isAssigned } from './driver.ts'
import { round, type Report } from './report.ts'
import type { Testbed } from './testbed.ts'

export async function benchFailover(testbed: Testbed, leader: OperatorProcess, report: Report) {
  const { driver } = testbed
  await testbed.setPool({ buffer: 4, max: 50 })
  await testbed.untilLeft(4) // forty-six that end take both cores of a small machine, too
  await testbed.untilWarm(4)
  const standBy = async () => {
    const one = testbed.start()
    await one.logged('operator.synced')
    await wait(1_000)
    return one
  }
  const second = await standBy()
  await driver.open('kill')
  const killedAt = performance.now()
  await leader.kill('SIGKILL')
  await driver.connect('kill')
  await driver.until('kill', isAssigned)
  const leaderKillSeconds = (performance.now() - killedAt) / 1_000
  const killed = 'leader SIGKILL to the first broadcast served by the standby'
  report.add(killed, `${leaderKillSeconds.toFixed(2)} s`, '<= 4 s')

  const third = await standBy()
  await driver.open('term')
  const termAt = performance.now()
  const gone = second.kill('SIGTERM')
  await driver.connect('term')
  await driver.until('term', isAssigned)
  // Whoever served it, the new leader's first reconcile is what counts.
  await third.logged('leader.elected')
  const leaderTermMs = Math.max(performance.now(), third.seen.get('leader.elected') ?? 0) - termAt
  report.add(killed.replace('SIGKILL', 'SIGTERM'), `${leaderTermMs.toFixed(0)} ms`, '<= 300 ms')
  await gone
  await third.kill('SIGTERM')
  return { leaderKillSeconds: round(leaderKillSeconds), leaderTermMs: Math.round(leaderTermMs) }
}
