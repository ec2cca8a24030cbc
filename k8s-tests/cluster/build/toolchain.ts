import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { withFileLock } from '../host/file-lock.ts'
import { step } from '../host/progress.ts'
import { type RunOptions, run, tryRun } from '../host/run.ts'
import { slimModules } from './slim-modules.ts'
import {
  buildFlags,
  clusterTools,
  moduleFolder,
  stubsOf,
  toolchainFolder,
  type ToolName,
  toolPath,
  tools,
} from './tools.ts'

/** Names the tools that the cache does not hold yet. */
export async function missingTools(cache: string, names: readonly ToolName[] = clusterTools): Promise<ToolName[]> {
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
  names: readonly ToolName[] = clusterTools,
): Promise<Record<ToolName, string>> {
  const places = {} as Record<ToolName, string>
  const lastBuild = new AbortController()
  const prefetched = prefetchModules(cache, await missingTools(cache, names), lastBuild.signal)
  try {
    for (const name of names) {
      const place = await toolPath(cache, name)
      if (!(await exists(place))) {
        await withFileLock(path.join(cache, 'toolchain.lock'), `building ${name}`, async () => {
          if (!(await exists(place))) await buildTool(cache, name, place)
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
async function prefetchModules(cache: string, [, ...names]: readonly ToolName[], signal: AbortSignal): Promise<void> {
  for (const name of names) {
    if (signal.aborted) return
    await withModfile(cache, name, 'prefetch', (modfile) =>
      tryRun('go', ['list', '-deps', ...modfile, tools[name].package], { ...inModule(name), signal }),
    ).catch(() => '')
  }
}

async function buildTool(cache: string, name: ToolName, place: string): Promise<void> {
  const building = `${path.dirname(place)}.building`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  await step(`building ${name} ${tools[name].version}`, () =>
    withModfile(cache, name, 'build', (modfile) =>
      run('go', ['build', '-o', path.join(building, name), ...modfile, ...buildFlags(name)], inModule(name)),
    ),
  )
  await rm(path.dirname(place), { recursive: true, force: true })
  await rename(building, path.dirname(place))
}

/** Hands `work` the arguments that make `go` read a tool's modules with its stubs in them; none without stubs. */
async function withModfile(
  cache: string,
  name: ToolName,
  purpose: 'prefetch' | 'build',
  work: (args: string[]) => Promise<unknown>,
): Promise<void> {
  const stubs = stubsOf(name)
  if (stubs.length === 0) return void (await work([]))
  // The path is part of what Go's cache goes by: the same for each build, so that an interrupted one goes on.
  const into = path.join(cache, 'toolchain', `${name}.${purpose}`)
  await rm(into, { recursive: true, force: true })
  await mkdir(into, { recursive: true })
  const module = moduleFolder(name)
  const stubFolder = path.join(toolchainFolder, '_stubs')
  try {
    await work(['-modfile', await slimModules({ into, module, stubFolder, stubs, inModule: inModule(name) })])
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

const inModule = (name: ToolName): RunOptions => ({
  cwd: moduleFolder(name),
  // Static programs run in images made from scratch; no go.work or vendor setting of the machine may interfere.
  env: { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false -mod=readonly' },
})

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
