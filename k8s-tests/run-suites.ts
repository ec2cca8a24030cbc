/**
 * Runs the suites on the installed platform, one file after the other by name, and keeps what helps when one fails.
 *
 *   node k8s-tests/run-suites.ts [part of a path …]     for example: broadcasts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { artifacts, kubectl, requireReleaseOfOurs } from './framework/platform-under-test.ts'

const wanted = process.argv.slice(2)
const all = globSync('**/*.test.ts', { cwd: path.join(import.meta.dirname, 'suites') })
const files = all.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
if (files.length === 0) {
  const suites = new Set(all.map((file) => path.dirname(file)))
  console.error(`No suite has ${wanted.join(' or ')} in its path; suites: ${[...suites].toSorted().join(', ')}`)
  process.exit(64)
}

await requireReleaseOfOurs()
const paths = files.map((file) => path.join(import.meta.dirname, 'suites', file))
const child = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=1200000', ...paths], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
const [code] = (await once(child, 'exit')) as [number | null]
if (code !== 0) await dump()
process.exit(code ?? 1)

async function dump(): Promise<void> {
  mkdirSync(artifacts, { recursive: true })
  const parts: [file: string, args: string[]][] = [
    ['objects.txt', ['get', 'all,bc,mediapools,ingress,hpa,pvc', '-o', 'wide']],
    ['events.txt', ['get', 'events', '--sort-by=.lastTimestamp']],
    ['broadcasts.yaml', ['get', 'bc', '-o', 'yaml']],
    ...[
      'commerce',
      'payment',
      'operator',
      'ingest',
      'stream',
      'edge',
      'storefront',
      'simulator',
      'mail-sink',
      'mariadb',
    ].map((component): [string, string[]] => [
      `${component}.log`,
      ['logs', '-l', `app.kubernetes.io/component=${component}`, '--tail=400', '--prefix', '--all-containers'],
    ]),
  ]
  for (const [file, args] of parts) {
    const text = await kubectl(args).catch((error: unknown) => String(error))
    writeFileSync(path.join(artifacts, file), text)
  }
  console.error(`objects, events and logs of the failed run are in ${path.relative(process.cwd(), artifacts)}/`)
}
