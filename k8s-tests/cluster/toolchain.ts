import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { withFileLock } from './file-lock.ts'
import { step } from './progress.ts'
import { type RunOptions, run, tryRun } from './run.ts'

/** Each program the cluster is made of: a wrapper module under `toolchain/` pins its version with go.mod and go.sum. */
export const tools = {
  kube: { package: '.', version: 'v1.34.4' },
  helm: { package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.19.5' },
  pause: { package: '.', version: '1' },
  coredns: { package: 'github.com/coredns/coredns', version: 'v1.13.1' },
  'local-path': { package: 'github.com/rancher/local-path-provisioner', version: 'v0.0.30' },
  versitygw: { package: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
  'metrics-server': { package: 'sigs.k8s.io/metrics-server/cmd/metrics-server', version: 'v0.9.0' },
  traefik: { package: 'github.com/traefik/traefik/v3/cmd/traefik', version: 'v3.6.12' },
} as const

/** The name of one program of the toolchain. */
export type ToolName = keyof typeof tools

/** kube and helm first: they are what tests without a cluster need. */
export const toolNames = Object.keys(tools) as ToolName[]

const toolchainFolder = path.join(import.meta.dirname, 'toolchain')

/** A source file of a wrapper module, as far as a cache key needs it. */
export type SourceFile = { name: string; content: string }

/**
 * The cache key of one tool: changes when, and only when, what it is built from changes.
 *
 * @param flags the arguments of `go build`, linker flags included.
 */
export function toolKey(name: string, flags: readonly string[], sources: readonly SourceFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify([name, process.arch, flags]))
  for (const source of sources.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(JSON.stringify([source.name, source.content]))
  }
  return hash.digest('hex').slice(0, 16)
}

/** The Kubernetes of the cluster, and of the client libraries that Helm is built with. */
const kubernetesMinor = 34

/** The arguments of `go build` for one tool, without the output. */
export function buildFlags(name: ToolName): string[] {
  const stamp = tools[name].version
  const versionVariables: Partial<Record<ToolName, string[]>> = {
    // Without these the apiserver calls itself v0.0.0-master and charts that ask for a kubeVersion are refused.
    kube: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((module) => [
      `-X ${module}.gitVersion=${stamp}`,
      `-X ${module}.gitMajor=1`,
      `-X ${module}.gitMinor=${kubernetesMinor}`,
    ]),
    // Without a cluster Helm takes the Kubernetes that it was built with, and 1.20 when nobody told it.
    helm: [
      `-X helm.sh/helm/v3/internal/version.version=${stamp}`,
      ...['chartutil', 'lint/rules'].flatMap((part) => [
        `-X helm.sh/helm/v3/pkg/${part}.k8sVersionMajor=1`,
        `-X helm.sh/helm/v3/pkg/${part}.k8sVersionMinor=${kubernetesMinor}`,
      ]),
    ],
    traefik: [`-X github.com/traefik/traefik/v3/pkg/version.Version=${stamp.slice(1)}`],
  }
  return ['-trimpath', '-ldflags', ['-s', '-w', ...(versionVariables[name] ?? [])].join(' '), tools[name].package]
}

/** Where the finished program of a tool lies (or will lie) for the sources in this checkout. */
export async function toolPath(cache: string, name: ToolName): Promise<string> {
  const folder = path.join(toolchainFolder, name)
  const sources: SourceFile[] = []
  for (const file of await readdir(folder)) {
    sources.push({ name: file, content: await readFile(path.join(folder, file), 'utf8') })
  }
  return path.join(cache, 'toolchain', `${name}-${toolKey(name, buildFlags(name), sources)}`, name)
}

/** Names the tools that the cache does not hold yet. */
export async function missingTools(cache: string, names: readonly ToolName[] = toolNames): Promise<ToolName[]> {
  const missing: ToolName[] = []
  for (const name of names) if (!(await exists(await toolPath(cache, name)))) missing.push(name)
  return missing
}

/**
 * Builds what the cache lacks, fetching the modules of the next program meanwhile, and answers where each program is.
 *
 * Built under a temporary name and renamed, one builder at a time on this machine: an interrupted build leaves nothing
 * that looks finished, and Go's own cache lets the next try go on where this one stopped.
 */
export async function ensureTools(
  cache: string,
  names: readonly ToolName[] = toolNames,
): Promise<Record<ToolName, string>> {
  const places = {} as Record<ToolName, string>
  const lastBuild = new AbortController()
  const prefetched = prefetchModules(await missingTools(cache, names), lastBuild.signal)
  try {
    for (const name of names) {
      const place = await toolPath(cache, name)
      if (!(await exists(place))) {
        await withFileLock(path.join(cache, 'toolchain.lock'), `building ${name}`, async () => {
          if (!(await exists(place))) await buildTool(name, place)
        })
      }
      places[name] = place
    }
  } finally {
    lastBuild.abort()
    await prefetched
  }
  return places
}

// The first build compiles while the modules of the later ones come over the network: one needs the processor, one does
// not. A failure is the build's to tell.
async function prefetchModules([, ...names]: readonly ToolName[], signal: AbortSignal): Promise<void> {
  for (const name of names) {
    if (signal.aborted) return
    await tryRun('go', ['list', '-deps', tools[name].package], { ...inModule(name), signal })
  }
}

async function buildTool(name: ToolName, place: string): Promise<void> {
  const building = `${path.dirname(place)}.building`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  await step(`building ${name} ${tools[name].version}`, async () => {
    await run('go', ['build', '-o', path.join(building, name), ...buildFlags(name)], inModule(name))
  })
  await rm(path.dirname(place), { recursive: true, force: true })
  await rename(building, path.dirname(place))
}

const inModule = (name: ToolName): RunOptions => ({
  cwd: path.join(toolchainFolder, name),
  // Static programs run in images made from scratch; no go.work or vendor setting of the machine may interfere.
  env: { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false -mod=readonly' },
})

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
