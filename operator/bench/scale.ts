/** Thousands of live broadcasts, each with its Pod: what the operator weighs, and how soon a new one knows them all. */
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { broadcastBody, eventually, reportStream } from '../src/testing/cluster.ts'
import type { OperatorProcess } from '../src/testing/operator-process.ts'
import { isReady, numbered } from './driver.ts'
import { round, type Report } from './report.ts'
import type { Testbed } from './testbed.ts'

const count = Number(process.env['OBJECTS'] ?? 5_000)
const atOnce = 50

export async function benchScale(testbed: Testbed, report: Report) {
  const { driver, namespace, writesSince } = testbed
  const { api } = driver
  const first = testbed.start()
  await first.logged('leader.elected')
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(
      numbered(`large-${done}`, atOnce).map(async (name) => {
        await api.create(broadcasts, { namespace }, broadcastBody(namespace, name, { seller: name }))
        await driver.connect(name)
        await reportStream(api, namespace, name, 'playing')
      }),
    )
  }
  const ready = () => driver.count(isReady)
  const all = () => (ready() === count ? true : undefined)
  await eventually('all are Ready', all, { deadlineMs: 600_000, state: ready })
  const grownMiB = (await residentBytes(first)) / 2 ** 20
  report.add(`memory with ${count} broadcasts and their Pods`, `${grownMiB.toFixed(0)} MiB`, '<= 300 MiB')
  await first.kill('SIGTERM')

  const since = new Date()
  const startedAt = performance.now()
  const second = testbed.start()
  await second.logged('leader.elected', 120_000)
  const looked = async () => ((await reconciled(second)) >= count ? true : undefined)
  await eventually('every broadcast was looked at', looked)
  const restartSeconds = (performance.now() - startedAt) / 1_000
  const writes = (await writesSince?.(since))?.length ?? 0
  const restartedMiB = (await residentBytes(second)) / 2 ** 20
  report.add('restart until all are reconciled', `${restartSeconds.toFixed(1)} s`, '<= 15 s')
  report.add('   writes in that time', String(writes), '0')
  report.add('   memory after it', `${restartedMiB.toFixed(0)} MiB`, '<= 300 MiB')
  await second.kill('SIGTERM')
  return { rssMiB5000: Math.round(Math.max(grownMiB, restartedMiB)), restartSeconds5000: round(restartSeconds) }
}

async function reconciled(operator: OperatorProcess): Promise<number> {
  const pattern = /controller_runtime_reconcile_time_seconds_count\{[^}]*controller="broadcast"[^}]*\} (\d+)/
  return Number(pattern.exec(await operator.metrics())?.[1] ?? 0)
}

async function residentBytes(operator: OperatorProcess): Promise<number> {
  return Number(/^process_resident_memory_bytes\{[^}]*\} (\S+)/m.exec(await operator.metrics())?.[1])
}
