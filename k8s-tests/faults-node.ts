/**
 * `make faults-node`: a live stream on the embedded cluster while its node is disturbed; what the viewer saw and how soon
 * the control plane acted again. Prints a table and, as its last line, one JSON object; ends with 1 when a limit is passed.
 *
 * FAULTS=apiserver,kubelet picks some by a part of their name; APISERVER_SECONDS=60, FROZEN_SECONDS=45 and
 * OPERATOR_SECONDS=300 shorten the long ones.
 */
import { openControlPlane } from './faults/control-plane.ts'
import { endure, LiveStream, stallLimitMs, type Outcome } from './faults/endure.ts'
import { faultsOf, type Fault } from './faults/faults.ts'

const seconds = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const wanted = (process.env['FAULTS'] ?? '').split(',').filter(Boolean)

const plane = await openControlPlane()
const faults = faultsOf(plane, {
  apiserver: seconds('APISERVER_SECONDS', 60),
  frozen: seconds('FROZEN_SECONDS', 45),
  operator: seconds('OPERATOR_SECONDS', 300),
}).filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

const outcomes: Outcome[] = []
const stream = await LiveStream.start()
let current: Fault | undefined
// Whoever loses patience must not be left without an apiserver.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    const undone = Promise.allSettled([current?.undo(), stream.stop()])
    void undone.then(() => process.exit(1)) // never rejects
  })
try {
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell).padStart(12))).join('')
  console.log(
    row(['fault', 'lasted s', 'stall ms', 'encoder ms', 'recovery ms', 'limit ms', 'new stream', 'watches 410']),
  )
  for (const fault of faults) {
    current = fault
    const outcome = await endure(plane, stream, fault).catch((error: unknown) => failed(fault, error))
    outcomes.push(outcome)
    const { lastedMs, stallMs, encoderPauseMs, recoveryMs, newStreamMs, expired } = outcome
    const lasted = (lastedMs / 1_000).toFixed(1)
    console.log(
      row([fault.name, lasted, stallMs, encoderPauseMs, recoveryMs, fault.recoveryLimitMs, newStreamMs, expired]),
    )
    for (const problem of outcome.problems) console.log(`  ${problem}`)
  }
} finally {
  await stream.stop()
}
const byFault = Object.fromEntries(
  outcomes.map(({ fault, stallMs, encoderPauseMs, recoveryMs, newStreamMs, expired }) => [
    fault,
    { stallMs, encoderPauseMs, recoveryMs, newStreamMs, watches410: expired },
  ]),
)
console.log(`limits: stall ${stallLimitMs} ms; recovery as in the table`)
console.log(JSON.stringify({ faults: byFault, failed: outcomes.filter(({ problems }) => problems.length > 0).length }))
process.exitCode = outcomes.every(({ problems }) => problems.length === 0) ? 0 : 1

function failed({ name }: Fault, error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error)
  return {
    fault: name,
    lastedMs: 0,
    stallMs: 0,
    encoderPauseMs: 0,
    refusals: {},
    recoveryMs: 0,
    newStreamMs: 0,
    expired: 0,
    problems: [message],
  }
}
