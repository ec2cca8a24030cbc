/**
 * `make test-chart`: everything that is known of the chart without a cluster, with Helm 3 and with Helm 4. Prints what
 * failed, and as its last line one JSON object.
 */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { ensureTools } from './cluster/build/toolchain.ts'
import { tools } from './cluster/build/tools.ts'
import { checkoutRoot, pathsFor } from './cluster/host/paths.ts'
import { formatElapsed, say } from './cluster/host/progress.ts'
import { kubernetesVersions } from '../charts/mytaek1/tests/conformance/schema-folder.ts'
import { valueSets } from '../charts/mytaek1/tests/conformance/value-sets.ts'

const folder = path.join(checkoutRoot, 'charts/mytaek1/tests')
const fileTimeoutMs = 900_000

// what boots an apiserver is of `make test-unit`
const files = globSync(`${folder}/**/*.test.ts`)
  .filter((file) => !/local-apiserver\.ts|testing\/cluster\.ts/.test(readFileSync(file, 'utf8')))
  .sort()

// with Helm 4 what is Helm's to say: each set of values rendered, values refused in words, lint
const ofHelm = /\/(conformance\/.*|refusals|chart)\.test\.ts$/

const places = await ensureTools(pathsFor(process.env).cache, ['helm', 'helm4', 'kubeconform', 'promtool'])

const counts: Record<string, { passed: number; failed: number }> = {}
for (const helm of ['helm', 'helm4'] as const) {
  process.env['HELM'] = places[helm]
  const startedAt = performance.now()
  const count = { passed: 0, failed: 0 }
  counts[`helm ${tools[helm].version}`] = count
  const tests = run({
    files: helm === 'helm' ? files : files.filter((file) => ofHelm.test(file)),
    concurrency: 2,
    timeout: fileTimeoutMs,
  })
  tests.on('test:stderr', ({ message }) => process.stderr.write(message))
  tests.on('test:pass', ({ details, skip }) => {
    if (details.type !== 'suite' && skip === undefined) count.passed += 1
  })
  tests.on('test:fail', ({ details, file = '', name }) => {
    // a suite fails with what is in it, and by itself when its hooks do
    if (details.type === 'suite' && details.error.message.includes('subtest')) return
    count.failed += 1
    const { cause, message } = details.error
    const why = cause instanceof Error ? cause.message : message
    say(`FAIL ${path.relative(checkoutRoot, file)} ${name}\n  ${why.replaceAll('\n', '\n  ')}`)
  })
  await finished(tests.resume())
  const { version } = tools[helm]
  say(
    `helm ${version}: ${count.passed} passed, ${count.failed} failed (${formatElapsed(performance.now() - startedAt)})`,
  )
}

const failed = Object.values(counts).some((count) => count.failed > 0 || count.passed === 0)
console.log(
  JSON.stringify({
    assertions: counts,
    valueSets: valueSets.length,
    kubernetes: kubernetesVersions.map(({ version }) => version),
    ok: !failed,
  }),
)
process.exitCode = failed ? 1 : 0
