import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { pathsFor } from '../cluster/host/paths.ts'

const version = '13.5.0'
const installMs = 600_000
const auditMs = 180_000
const waitMs = 15_000 // a show never falls silent, and the trace of a longer one is overwritten
const categories = ['performance', 'accessibility', 'best-practices'] as const
const run = promisify(execFile)

const number = z.object({ numericValue: z.number() })
const resultShape = z.object({
  runtimeError: z.object({ message: z.string() }).optional(),
  categories: z.record(
    z.enum(categories),
    z.object({ score: z.number().nullable(), auditRefs: z.array(z.object({ id: z.string(), weight: z.number() })) }),
  ),
  audits: z
    .object({
      'largest-contentful-paint': number,
      'cumulative-layout-shift': number,
      'total-blocking-time': number,
      'total-byte-weight': number,
    })
    .and(z.record(z.string(), z.object({ title: z.string(), score: z.number().nullable().optional() }))),
})

/** What Lighthouse says of a page; times in milliseconds, scores of 100. */
export interface Audit {
  scores: Record<(typeof categories)[number], number>
  lcpMs: number
  cls: number
  tbtMs: number
  bytes: number
  /** What cost a score, as the audits are called. */
  faults: string[]
}

/**
 * Audits a page as a phone on slow 4G opens it (Lighthouse's own defaults: simulated throttling, 4 × CPU), in this machine's
 * Chromium.
 */
export async function runLighthouse(url: string): Promise<Audit> {
  const cli = await installed()
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-lighthouse-'))
  try {
    const file = path.join(folder, 'result.json')
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${path.join(folder, 'profile')}`]
    const options = [
      `--only-categories=${categories.join(',')}`,
      '--output=json',
      `--output-path=${file}`,
      '--quiet',
      `--max-wait-for-load=${waitMs}`,
    ]
    await run(process.execPath, [cli, url, ...options, `--chrome-flags=${flags.join(' ')}`], {
      timeout: auditMs,
      env: { ...process.env, CHROME_PATH: process.env['CHROMIUM'] ?? '/usr/bin/chromium', CI: '1' },
    })
    return auditOf(resultShape.parse(JSON.parse(await readFile(file, 'utf8'))))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function auditOf({ runtimeError, categories: judged, audits }: z.infer<typeof resultShape>): Audit {
  if (runtimeError) throw new Error(`Lighthouse saw no page: ${runtimeError.message}`)
  const score = (name: (typeof categories)[number]) => Math.round((judged[name].score ?? 0) * 100)
  const faults = categories.flatMap((name) =>
    judged[name].auditRefs.flatMap(({ id, weight }) => {
      const audit = audits[id]
      return weight > 0 && (audit?.score ?? 1) < 0.9 ? [`${name}: ${id} (${audit?.title})`] : []
    }),
  )
  return {
    scores: Object.fromEntries(categories.map((name) => [name, score(name)])) as Audit['scores'],
    lcpMs: Math.round(audits['largest-contentful-paint'].numericValue),
    cls: audits['cumulative-layout-shift'].numericValue,
    tbtMs: Math.round(audits['total-blocking-time'].numericValue),
    bytes: audits['total-byte-weight'].numericValue,
    faults,
  }
}

/**
 * Where Lighthouse's command is: in the cache, for as a dependency of the workspace its 114 packages (176 MB) would be in every
 * checkout, for one verb.
 */
async function installed(): Promise<string> {
  const folder = path.join(pathsFor(process.env).cache, `lighthouse-${version}`)
  const cli = path.join(folder, 'node_modules/lighthouse/cli/index.js')
  const isThere = await access(cli).then(
    () => true,
    () => false,
  )
  if (isThere) return cli
  console.log(`installing lighthouse ${version} into the cache`)
  const made = `${folder}.${process.pid}` // whole, or not there
  await mkdir(made, { recursive: true })
  const quiet = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error']
  await run('npm', ['install', ...quiet, '--prefix', made, `lighthouse@${version}`], { timeout: installMs })
  await rename(made, folder).catch(async () => await rm(made, { recursive: true })) // another process was first
  return cli
}
