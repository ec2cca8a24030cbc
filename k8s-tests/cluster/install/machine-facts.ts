import { mkdir, readFile, rmdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { aptTargetsFormat, debianMirrors, debianRelease, hasDebianRoot, parseAptTargets } from '../build/base-image.ts'
import { missingTools } from '../build/toolchain.ts'
import { clusterTools, moduleFolder } from '../build/tools.ts'
import { assertDoorsFree, PortTakenError } from '../doors/forward.ts'
import { clusterPackages, missingPackages } from '../host/packages.ts'
import { takesOverlay } from '../host/overlay.ts'
import type { Paths } from '../host/paths.ts'
import { isAlive } from '../host/processes.ts'
import { tryRun } from '../host/run.ts'
import { doorNames, type Ports } from '../host/settings.ts'
import { hierarchies } from '../node/cgroups.ts'
import { readState } from '../node/state.ts'
import { compareVersions, type MachineFacts } from './preflight.ts'

/** No single look takes longer, and they are taken side by side: all of them within ten seconds. */
const lookMs = 8_000

/** Looks at the machine; nothing stays changed. */
export async function readMachine(paths: Paths, ports: Ports | undefined): Promise<MachineFacts> {
  const { cache } = paths
  const folder = await nearestFolder(cache)
  const isCold = (await missingTools(cache)).length > 0
  const hasRoot = process.getuid?.() === 0
  const state = await readState(paths)
  const [goEnv, disk, packages, apt, overlay, loop, takenPorts, controllers, mirror, modules] = await Promise.all([
    tryRun('go', ['env', 'GOVERSION', 'GOTOOLCHAIN'], { cwd: '/', timeoutMs: lookMs }),
    statfs(folder),
    missingPackages(clusterPackages),
    tryRun('apt-get', ['--version']),
    hasRoot ? takesOverlay(folder).catch(() => false) : true,
    stat('/dev/loop-control').catch(() => undefined),
    ports === undefined ? [] : portsTaken(ports, (await isAlive(state?.doorkeeper)) ? state?.ports : undefined),
    missingControllers(),
    hasDebianRoot(cache).then(async (isThere) => (isThere ? undefined : await mirrorProblem())),
    isCold ? moduleProblem() : undefined,
  ])
  const [goVersion, goToolchain] = goEnv?.trim().split('\n') ?? []
  return {
    platform: process.platform,
    isRoot: hasRoot,
    nodeVersion: process.version,
    missingPackages: packages,
    hasApt: apt !== undefined,
    isCold,
    goVersion,
    neededGo: await newestGoDirective(),
    goMayUpgrade: goToolchain !== 'local',
    freeBytes: disk.bavail * disk.bsize,
    cacheFolder: cache,
    hasOverlay: (await readFile('/proc/filesystems', 'utf8').catch(() => '')).includes('overlay'),
    hasPlaceForLayers: overlay || loop !== undefined,
    // A cluster that runs has its memory already.
    availableMemoryBytes: (await isAlive(state?.node)) ? Infinity : process.availableMemory(),
    missingControllers: controllers,
    takenPorts,
    sourceProblems: [mirror, modules].filter((problem) => problem !== undefined),
  }
}

async function portsTaken(ports: Ports, ours: Ports | undefined): Promise<string[]> {
  const taken: string[] = []
  for (const door of doorNames) {
    const others = doorNames.filter((other) => other !== door).map((other) => ports[other])
    await assertDoorsFree(ports, [...others, ...Object.values(ours ?? {})]).catch((error: unknown) => {
      if (!(error instanceof PortTakenError)) throw error
      taken.push(error.message)
    })
  }
  return taken
}

/** What the kubelet insists on, v1's and v2's names; and whether a group can be made at all. */
async function missingControllers(): Promise<string[]> {
  const roots = await hierarchies().catch((): string[] => [])
  const [first] = roots
  if (first === undefined) return ['cgroups at /sys/fs/cgroup']
  const unified = await readFile(path.join(first, 'cgroup.controllers'), 'utf8').catch(() => undefined)
  const found = unified === undefined ? roots.flatMap((root) => path.basename(root).split(',')) : unified.split(/\s+/)
  const missing = ['cpu', 'memory', 'pids', 'cpuset'].filter((name) => !found.includes(name))
  const probe = path.join(first, `mytaek1-probe-${process.pid}`)
  const isWritable = await mkdir(probe).then(
    () => true,
    () => process.getuid?.() !== 0,
  )
  if (isWritable) await rmdir(probe).catch(() => {})
  return isWritable ? missing : [...missing, 'write access to /sys/fs/cgroup']
}

/** Through apt's own download, which knows this machine's proxies and certificates. */
async function mirrorProblem(): Promise<string | undefined> {
  const targets = await tryRun('apt-get', ['indextargets', '--format', aptTargetsFormat])
  let main: string
  try {
    main = debianMirrors(parseAptTargets(targets ?? ''), process.env['MYTAEK1_DEBIAN_MIRROR']).main
  } catch (error) {
    return (error as Error).message
  }
  const file = path.join('/tmp', `mytaek1-release-${process.pid}`)
  const url = `${main.replace(/\/$/, '')}/dists/${debianRelease}/Release`
  const answer = await tryRun('/usr/lib/apt/apt-helper', ['download-file', url, file], { timeoutMs: lookMs })
  await tryRun('rm', ['-f', file])
  return answer === undefined ? `the Debian mirror of apt's sources does not answer: ${url}` : undefined
}

async function moduleProblem(): Promise<string | undefined> {
  const env = { GOWORK: 'off', GOFLAGS: '-mod=mod' }
  const answer = await tryRun('go', ['mod', 'download', 'k8s.io/klog/v2@v2.130.1'], {
    cwd: '/',
    env,
    timeoutMs: lookMs,
  })
  return answer === undefined ? 'Go gets no modules: `go env GOPROXY` names where from' : undefined
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
