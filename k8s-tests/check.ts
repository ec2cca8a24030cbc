/** `make check`: every static check, each with its time; the first failure's output is shown whole. */
import { spawnSync } from 'node:child_process'
import { pathsFor } from './cluster/host/paths.ts'
import { ensureTools } from './cluster/build/toolchain.ts'

// built once for this machine, then kept
const { helm, actionlint } = await ensureTools(pathsFor(process.env).cache, ['helm', 'actionlint'])

const checks: readonly [name: string, command: string, ...arguments: string[]][] = [
  ['types', 'tsc', '--noEmit'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check', '.'],
  ['unused', 'knip', '--no-progress'],
  ['chart', helm, 'lint', '--strict', 'charts/mytaek1'],
  ['sizes', process.execPath, 'services/storefront/scripts/check-sizes.ts'],
  // no shellcheck or pyflakes of the machine's: the same verdict everywhere
  ['workflows', actionlint, '-shellcheck=', '-pyflakes='],
  ['skaffold', process.execPath, 'k8s-tests/skaffold.ts'],
]

/** Some take ten seconds alone and were seen to take two minutes beside tests. */
const deadlineMs = 600_000

const failed: string[] = []
for (const [name, command, ...commandArguments] of checks) {
  const startedAt = Date.now()
  const result = spawnSync(command, commandArguments, { encoding: 'utf8', timeout: deadlineMs })
  const ok = result.status === 0
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`)
  if (ok) continue
  failed.push(name)
  console.log(`${result.stdout}${result.stderr}${result.error?.message ?? ''}`)
}
if (failed.length > 0) {
  console.error(`make check failed: ${failed.join(', ')}`)
  process.exit(1)
}
