/** Whether a release does what it is for: its doors answer, and a seller goes live, a viewer watches, a buyer orders. */
import { readConfig } from './config.ts'
import { askDoors } from './doors.ts'
import { playShow } from './show.ts'
import { runTrial } from './trial.ts'

/** Runs the test and leaves exit code 0 or 1; what it says is for people. Told to end, it cleans up first. */
export async function runReleaseTest(): Promise<void> {
  const config = readConfig()
  const told = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => told.abort(new Error(`told to end (${signal})`)))
  const deps = {
    write: (line: string) => void process.stdout.write(`${line}\n`),
    signal: told.signal,
    testSeconds: config.TEST_SECONDS,
    cleanupSeconds: config.CLEANUP_SECONDS,
  }
  const worked = await runTrial(deps, async (trial) => {
    await askDoors(trial, config)
    if (config.LIVE_SHOW) await playShow(trial, config)
  })
  process.exitCode = worked ? 0 : 1
}
