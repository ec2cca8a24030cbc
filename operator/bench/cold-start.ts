/** Encoders that come when no Pod is warm: from a recorded publisher to an assigned Pod that kubelet started. */
import { eventually } from '../src/testing/cluster.ts'
import { quantile, round, type Report } from './report.ts'
import type { Testbed } from './testbed.ts'

const count = Number(process.env['COLD'] ?? 20)
const podDeadlineMs = 120_000

/** Measures cold starts one after the other, each when the Pod before is gone. */
export async function benchColdStart(testbed: Testbed, report: Report): Promise<{ coldP50Seconds: number }> {
  const { driver } = testbed
  const operator = testbed.start()
  await operator.logged('leader.elected')
  const seconds: number[] = []
  for (let index = 0; index < count; index += 1) {
    const name = `cold-${index}`
    seconds.push((await driver.claim(name, podDeadlineMs)) / 1_000)
    await driver.remove(name)
    const none = () => (testbed.pods().length === 0 ? true : undefined)
    await eventually('its Pod is gone', none, { deadlineMs: podDeadlineMs })
  }
  await operator.kill('SIGTERM')
  const p50 = quantile(seconds, 0.5)
  report.add('cold start with the image present, p50', `${p50.toFixed(2)} s`, '<= 2.5 s')
  report.add(
    '   the fastest and the slowest',
    `${quantile(seconds, 0).toFixed(2)}, ${quantile(seconds, 1).toFixed(2)} s`,
  )
  return { coldP50Seconds: round(p50) }
}
