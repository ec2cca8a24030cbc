/** Thousands of claims in bursts while the pool refills: no Pod is ever given to two broadcasts. */
import { isAssigned, numbered } from './driver.ts'
import type { Report } from './report.ts'
import type { Testbed } from './testbed.ts'

const claims = Number(process.env['CLAIMS'] ?? 5_000)
const atOnce = 50

export async function benchAdoptions(testbed: Testbed, report: Report): Promise<{ doubleAdoptions: number }> {
  const { driver } = testbed
  const operator = testbed.start()
  await operator.logged('leader.elected')
  await testbed.setPool({ buffer: atOnce, max: 10_000 })
  await testbed.untilWarm(atOnce)
  const givenTo = new Map<string, string>()
  let doubleAdoptions = 0
  const forget = driver.onChange(({ metadata, status }) => {
    if (status?.podUID === undefined) return
    const holder = givenTo.get(status.podUID)
    if (holder !== undefined && holder !== metadata.uid) doubleAdoptions += 1
    givenTo.set(status.podUID, metadata.uid)
  })
  const startedAt = performance.now()
  for (let done = 0; done < claims; done += atOnce) {
    const names = numbered(`many-${done}`, atOnce)
    await Promise.all(names.map((name) => driver.open(name)))
    await Promise.all(names.map((name) => driver.connect(name)))
    await Promise.all(names.map((name) => driver.until(name, isAssigned, 60_000)))
    await Promise.all(names.map((name) => driver.remove(name)))
    await driver.untilNone()
  }
  forget()
  const perSecond = claims / ((performance.now() - startedAt) / 1_000)
  report.add(`Pods given to two broadcasts in ${claims} claims`, String(doubleAdoptions), '0')
  report.add('   broadcasts opened, assigned and deleted', `${perSecond.toFixed(1)}/s`)
  await operator.kill('SIGTERM')
  return { doubleAdoptions }
}
