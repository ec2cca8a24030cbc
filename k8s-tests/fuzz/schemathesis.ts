/** Schemathesis (PyPI): requests made from an OpenAPI document, valid and invalid ones, and answers held against it. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { withFileLock } from '../cluster/host/file-lock.ts'
import { fuzzPackages, installPackages, missingPackages } from '../cluster/host/packages.ts'
import { step } from '../cluster/host/progress.ts'
import { CommandFailedError, run } from '../cluster/host/run.ts'
import type { World } from './world.ts'

const requirements = path.join(import.meta.dirname, 'requirements.txt')
const hooks = path.join(import.meta.dirname, 'hooks.py')
const config = path.join(import.meta.dirname, 'schemathesis.toml')
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

/** One pass over a document as one caller. */
export interface Pass {
  documentUrl: string
  /** Absent: nobody is signed in. */
  token?: string
  examples: number
  seed: number
  deadlineSeconds: number
}

/** What came back. */
export interface PassReport {
  answers: { operation: string; status: number; count: number }[]
  findings: {
    operation: string
    status: number
    title: string
    count: number
    samples: { request: string; answer: string; why: string }[]
  }[]
  /** Requests that no answer came to. */
  lost: number
  /** Why the pass itself failed, such as a document that cannot be read. */
  errors: string[]
}

/** Installs what requirements.txt pins into the cache, once; answers the program's path. */
export async function ensureSchemathesis(cache: string): Promise<string> {
  const missing = await missingPackages(fuzzPackages)
  if (missing.length > 0) await installPackages(missing)
  const [pins, python] = await Promise.all([readFile(requirements, 'utf8'), run('python3', ['--version'])])
  const key = createHash('sha256').update(pins).update(python).digest('hex').slice(0, 16)
  const place = path.join(cache, 'python', `schemathesis-${key}`)
  const program = path.join(place, 'bin', 'st')
  const finished = path.join(place, 'finished')
  if (await exists(finished)) return program
  await withFileLock(path.join(cache, 'python.lock'), 'installing schemathesis', async () => {
    if (await exists(finished)) return
    await step('installing schemathesis', async () => {
      await rm(place, { recursive: true, force: true })
      await mkdir(path.dirname(place), { recursive: true })
      await run('python3', ['-m', 'venv', place]) // knows its own place, so it cannot be made elsewhere and renamed
      await run(path.join(place, 'bin', 'pip'), [
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '-r',
        requirements,
      ])
      await writeFile(`${finished}.new`, '')
      await rename(`${finished}.new`, finished)
    })
  })
  return program
}

/** Runs one pass; findings are in the report, not thrown. */
export async function runPass(program: string, pass: Pass, world: World): Promise<PassReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-fuzz-'))
  try {
    const file = (name: string) => path.join(folder, name)
    await writeFile(file('world.json'), JSON.stringify({ ...world, token: pass.token }))
    const args = [
      ['--config-file', config, 'run', pass.documentUrl],
      ['--checks', checks.join(','), '--mode', 'all', '--phases', 'examples,coverage,fuzzing'],
      ['--max-examples', `${pass.examples}`, '--seed', `${pass.seed}`, '--workers', '1', '--continue-on-failure'],
      ['--request-timeout', '15', '--generation-database', 'none', '--suppress-health-check', 'all', '--no-shrink'],
      ['--report', 'json', '--report-json-path', file('run.json'), '--no-color'],
    ]
    const env = { FUZZ_WORLD: file('world.json'), FUZZ_REPORT: file('report.json'), SCHEMATHESIS_HOOKS: hooks }
    let output = ''
    await run(program, args.flat(), {
      cwd: folder,
      env,
      timeoutMs: pass.deadlineSeconds * 1_000,
      onOutput: (chunk) => (output += chunk),
    }).catch(unlessFindings)
    const text = await readFile(file('report.json'), 'utf8').catch(() => undefined)
    if (text === undefined) return { answers: [], findings: [], lost: 0, errors: [output] }
    const own = JSON.parse(await readFile(file('run.json'), 'utf8')) as RunReport
    const errors = own.errors.map(({ title, count }) => `${title} (${count})`)
    if (errors.length > 0) errors.push(/=+ ERRORS =+[^]*?(?======)/.exec(output)?.[0] ?? output)
    return { ...(JSON.parse(text) as Omit<PassReport, 'errors'>), errors }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface RunReport {
  errors: { title: string; count: number }[]
}

// it ends with 1 when it has findings, which are in its report
function unlessFindings(error: unknown): void {
  if (!(error instanceof CommandFailedError)) throw error
}

const exists = async (file: string) => (await stat(file).catch(() => undefined)) !== undefined
