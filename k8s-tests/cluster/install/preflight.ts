import { ensureOverlay } from '../host/overlay.ts'
import { installPackages } from '../host/packages.ts'
import type { Paths } from '../host/paths.ts'
import type { Ports } from '../host/settings.ts'

const gigabyte = 1024 ** 3

/** Free space that a first `make up` takes: Go's caches and programs 7 GB, images and layers 4 GB, volumes. */
export const coldBytes = 12 * gigabyte

/** Free space that a `make up` with everything built takes. */
export const warmBytes = 3 * gigabyte

/** Memory that must be there for a start: the control plane takes 1.1 GB, the platform 1.5 GB, a link 2 GB. */
export const memoryBytes = 4 * gigabyte

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
  /** The kernel knows overlays. */
  hasOverlay: boolean
  /** An overlay can be mounted in the cache, or there are loop devices for a disk in it. */
  hasPlaceForLayers: boolean
  availableMemoryBytes: number
  /** Cgroup controllers that the kubelet needs and that are not here. */
  missingControllers: string[]
  /** One sentence for each port that another program holds. */
  takenPorts: string[]
  /** One sentence for each source of programs or packages that is needed and does not answer. */
  sourceProblems: string[]
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
    problems.push(
      `${inGigabytes(neededBytes)} GB of free disk are needed in ${facts.cacheFolder}, ${inGigabytes(facts.freeBytes)} GB are left: ` +
        'free some, or name another folder in MYTAEK1_CACHE',
    )
  }
  if (facts.availableMemoryBytes < memoryBytes) {
    problems.push(
      `${inGigabytes(memoryBytes)} GB of memory are needed, ${inGigabytes(facts.availableMemoryBytes)} GB are available: end something`,
    )
  }
  if (facts.platform !== 'linux') return problems
  if (!facts.hasOverlay) problems.push('the kernel knows no overlay file system: load it with `modprobe overlay`')
  else if (!facts.hasPlaceForLayers) {
    problems.push(
      `no overlay can be mounted in ${facts.cacheFolder}, and there is no loop device for a disk of its own: name a folder on ext4, xfs or btrfs in MYTAEK1_CACHE`,
    )
  }
  if (facts.missingControllers.length > 0)
    problems.push(`the kubelet needs cgroups, and this machine lacks: ${facts.missingControllers.join(', ')}`)
  problems.push(...facts.takenPorts)
  // Without the packages that are named above nothing can be asked.
  if (facts.isRoot && facts.missingPackages.length === 0) problems.push(...facts.sourceProblems)
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
 * Judges the machine, installs missing packages where it may, and gives the cache a place for layers.
 *
 * @throws {PreflightError} something is missing that this tool cannot mend; nothing was started or installed then.
 */
export async function preflight(
  paths: Paths,
  ports: Ports | undefined,
  look: (paths: Paths, ports: Ports | undefined) => Promise<MachineFacts>,
): Promise<void> {
  const facts = await look(paths, ports)
  const problems = preflightProblems(facts)
  if (problems.length > 0) throw new PreflightError(problems)
  if (facts.missingPackages.length > 0) await installPackages(facts.missingPackages)
  await ensureOverlay(paths.cache)
}

const inGigabytes = (bytes: number): string => (bytes / gigabyte).toFixed(1)
