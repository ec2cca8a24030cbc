import { readFile, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { clusterPackages, installPackages, missingPackages } from '../host/packages.ts'
import { tryRun } from '../host/run.ts'
import { missingTools } from '../build/toolchain.ts'
import { clusterTools, moduleFolder } from '../build/tools.ts'

const gigabyte = 1024 ** 3

/** Free space that a first `make up` takes: Go's caches and programs 7 GB, images and layers 4 GB, volumes. */
export const coldBytes = 12 * gigabyte

/** Free space that a `make up` with everything built takes. */
export const warmBytes = 3 * gigabyte

/** What was seen of the machine; judged by {@link preflightProblems}. */
export type MachineFacts = {
  platform: string
  isRoot: boolean
  nodeVersion: string
  /** Debian packages that are not there. */
  missingPackages: string[]
  hasApt: boolean
  /** Whether the toolchain must be built. */
  isCold: boolean
  /** `go1.26.1`; `undefined` without Go. */
  goVersion: string | undefined
  /** The highest version that a wrapper module asks for. */
  neededGo: string
  /** Go may fetch the toolchain that a module asks for (GOTOOLCHAIN is not `local`). */
  goMayUpgrade: boolean
  freeBytes: number
  cacheFolder: string
  hasOverlay: boolean
}

/** The machine cannot run the cluster; the message names every reason and what to do about it. */
export class PreflightError extends Error {
  readonly code = 'preflight'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `nothing was started, because this machine lacks what the embedded cluster needs:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/** Everything that keeps the cluster from starting, as sentences; empty when nothing does. Pure. */
export function preflightProblems(facts: MachineFacts): string[] {
  const problems: string[] = []
  if (facts.platform !== 'linux')
    problems.push(`Linux is needed, this is ${facts.platform}; use CLUSTER=current with a cluster of your own`)
  if (!facts.isRoot)
    problems.push(
      'root is needed for namespaces and mounts: run `sudo make up`, or use CLUSTER=current with a cluster of your own',
    )
  if (compareVersions(facts.nodeVersion, '24') < 0)
    problems.push(`Node 24 is needed, this is ${facts.nodeVersion}: run \`npm ci\`, then \`make up\``)
  if (facts.missingPackages.length > 0 && !(facts.isRoot && facts.hasApt)) {
    problems.push(`missing packages: apt-get install --no-install-recommends ${facts.missingPackages.join(' ')}`)
  }
  if (facts.isCold && facts.goVersion === undefined)
    problems.push('Go 1.21 or newer is needed to build Kubernetes: install it and put `go` on the PATH')
  else if (facts.isCold && facts.goVersion !== undefined) {
    const floor = facts.goMayUpgrade ? '1.21' : facts.neededGo
    if (compareVersions(facts.goVersion, floor) < 0) {
      const setting = facts.goMayUpgrade ? '' : ', or set GOTOOLCHAIN=auto'
      problems.push(`Go ${floor} or newer is needed, this is ${facts.goVersion}: install a newer one${setting}`)
    }
  }
  const neededBytes = facts.isCold ? coldBytes : warmBytes
  if (facts.freeBytes < neededBytes) {
    const inGigabytes = (bytes: number): string => (bytes / gigabyte).toFixed(1)
    problems.push(
      `${inGigabytes(neededBytes)} GB of free disk are needed in ${facts.cacheFolder}, ${inGigabytes(facts.freeBytes)} GB are left: ` +
        'free some, or name another folder in MYTAEK1_CACHE',
    )
  }
  if (facts.platform === 'linux' && !facts.hasOverlay)
    problems.push('the kernel knows no overlay file system: load it with `modprobe overlay`')
  return problems
}

/** Compares dotted versions, a `go` or `v` before them or not: negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] =>
    version
      .replace(/^\D+/, '')
      .split('.')
      .map((part) => Number.parseInt(part, 10) || 0)
  const [left, right] = [numbers(a), numbers(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Looks at the machine and installs missing packages where it may.
 *
 * @throws {PreflightError} something is missing that this tool cannot mend; nothing was started or installed then.
 */
export async function preflight(cache: string): Promise<void> {
  const facts = await readMachine(cache)
  const problems = preflightProblems(facts)
  if (problems.length > 0) throw new PreflightError(problems)
  if (facts.missingPackages.length > 0) await installPackages(facts.missingPackages)
}

async function readMachine(cache: string): Promise<MachineFacts> {
  const goEnv = (await tryRun('go', ['env', 'GOVERSION', 'GOTOOLCHAIN'], { cwd: '/' }))?.trim().split('\n')
  const disk = await statfs(await nearestFolder(cache))
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    nodeVersion: process.version,
    missingPackages: await missingPackages(clusterPackages),
    hasApt: (await tryRun('apt-get', ['--version'])) !== undefined,
    isCold: (await missingTools(cache)).length > 0,
    goVersion: goEnv?.[0],
    neededGo: await newestGoDirective(),
    goMayUpgrade: goEnv?.[1] !== 'local',
    freeBytes: disk.bavail * disk.bsize,
    cacheFolder: cache,
    hasOverlay: (await readFile('/proc/filesystems', 'utf8').catch(() => '')).includes('overlay'),
  }
}

/** The cache may not exist yet: then the folder that it will be made in tells how much space there is. */
async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  return isThere || folder === path.dirname(folder) ? folder : await nearestFolder(path.dirname(folder))
}

async function newestGoDirective(): Promise<string> {
  let newest = '1.21'
  for (const folder of new Set(clusterTools.map(moduleFolder))) {
    const module = await readFile(path.join(folder, 'go.mod'), 'utf8')
    const version = /^go (\S+)$/m.exec(module)?.[1]
    if (version !== undefined && compareVersions(version, newest) > 0) newest = version
  }
  return newest
}
