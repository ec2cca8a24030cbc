import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The Kubernetes of the cluster, and of the client libraries that Helm is built with. */
const kubernetesMinor = 34

/** One program: where its sources are, and what its build leaves out. */
type Tool = {
  package: string
  version: string
  /** Variables that the linker sets. */
  variables?: readonly string[]
  /** Build tags. */
  tags?: readonly string[]
  /** A folder of `toolchain/` with a go.mod of its own; the others share the one of `toolchain/`. */
  ownModule?: string
  /** Packages that a stub takes the place of. */
  stubs?: readonly PackageStub[]
}

/** A package of somebody else's module that is replaced, wholly or but for a few files. */
export type PackageStub = {
  module: string
  /** The package's folder in its module. */
  folder: string
  /** The folder of `toolchain/_stubs/` whose files take its place. */
  stub: string
  /** Files of the package that stay. */
  keep: readonly string[]
}

/**
 * Each program the cluster and the checks are made of. Their versions are pinned by `toolchain/go.mod`, one module for
 * all, so that what several of them import has one version and is compiled once.
 */
export const tools = {
  kube: {
    package: './kube',
    version: `v1.${kubernetesMinor}.4`,
    // Without these the apiserver calls itself v0.0.0-master and charts that ask for a kubeVersion are refused.
    variables: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((module) => [
      `${module}.gitVersion=v1.${kubernetesMinor}.4`,
      `${module}.gitMajor=1`,
      `${module}.gitMinor=${kubernetesMinor}`,
    ]),
  },
  helm: {
    package: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.19.5',
    // Without a cluster Helm takes the Kubernetes that it was built with, and 1.20 when nobody told it.
    variables: [
      'helm.sh/helm/v3/internal/version.version=v3.19.5',
      ...['chartutil', 'lint/rules'].flatMap((part) => [
        `helm.sh/helm/v3/pkg/${part}.k8sVersionMajor=1`,
        `helm.sh/helm/v3/pkg/${part}.k8sVersionMinor=${kubernetesMinor}`,
      ]),
    ],
  },
  pause: { package: './pause', version: '1' },
  versitygw: { package: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
  coredns: { package: './coredns', version: 'v1.13.1' },
  'local-path': { package: 'github.com/rancher/local-path-provisioner', version: 'v0.0.30' },
  'metrics-server': { package: 'sigs.k8s.io/metrics-server/cmd/metrics-server', version: 'v0.8.0' },
  traefik: {
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    version: 'v3.6.12',
    variables: ['github.com/traefik/traefik/v3/pkg/version.Version=3.6.12'],
    // Two thirds of Traefik's build are clouds' SDKs and interpreters that an ingress for this cluster never runs.
    stubs: [
      { module: 'github.com/go-acme/lego/v4', folder: 'providers/dns', stub: 'lego-dns', keep: [] },
      { module: 'github.com/traefik/traefik/v3', folder: 'pkg/provider/ecs', stub: 'traefik-ecs', keep: [] },
      {
        module: 'github.com/traefik/traefik/v3',
        folder: 'pkg/plugins',
        stub: 'traefik-plugins',
        keep: ['types.go', 'manager.go', 'downloader.go', 'plugins.go'],
      },
    ],
  },
  actionlint: { package: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12', ownModule: 'actionlint' },
  // What the chart's tests check with, beside the cluster's Helm.
  kubeconform: { package: 'github.com/yannh/kubeconform/cmd/kubeconform', version: 'v0.8.0', ownModule: 'kubeconform' },
  helm4: {
    package: 'helm.sh/helm/v4/cmd/helm',
    version: 'v4.3.1',
    variables: ['helm.sh/helm/v4/internal/version.version=v4.3.1'],
    ownModule: 'helm4',
  },
  promtool: {
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    version: 'v0.316.0',
    // Rules are tested here, and no target is looked for: without the clouds' SDKs it builds in a third of the time.
    tags: ['remove_all_sd'],
    ownModule: 'promtool',
  },
  'stripe-mock': { package: 'github.com/stripe/stripe-mock', version: 'v0.203.0', ownModule: 'stripe-mock' },
} as const satisfies Record<string, Tool>

/** The name of one program of the toolchain. */
export type ToolName = keyof typeof tools

/** What a cluster needs, in the order of building: kube and helm first, they are what tests without a cluster need. */
export const clusterTools = (Object.keys(tools) as ToolName[]).filter((name) => !('ownModule' in tools[name]))

/** Local addon images carry names of our own; those that the chart uses carry the upstream names and versions. */
export const toolImage = (tool: ToolName): string => `localhost/mytaek1/${tool}:${tools[tool].version}`

/** The folder of the modules and programs of our own. */
export const toolchainFolder = path.join(import.meta.dirname, 'toolchain')

/** The folder in which a tool's build runs: that of its go.mod. */
export const moduleFolder = (name: ToolName): string => path.join(toolchainFolder, toolOf(name).ownModule ?? '.')

/** The packages that a tool is built without. */
export const stubsOf = (name: ToolName): readonly PackageStub[] => toolOf(name).stubs ?? []

/** The arguments of `go build` for one tool, without the output and the module file. */
export function buildFlags(name: ToolName): string[] {
  const tool = toolOf(name)
  const linked = ['-s', '-w', ...(tool.variables ?? []).map((variable) => `-X ${variable}`)].join(' ')
  // The compiler's flags are the same for all: a package that was compiled with others is compiled again. Debugging
  // information, which the linker would drop, costs an eighth of the compiler's time.
  const tags = tool.tags === undefined ? [] : ['-tags', tool.tags.join()]
  return ['-trimpath', '-gcflags=all=-dwarf=false', '-ldflags', linked, ...tags, tool.package]
}

/** A source file of a tool, as far as a cache key needs it. */
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

/** Where the finished program of a tool lies (or will lie) for the sources in this checkout. */
export async function toolPath(cache: string, name: ToolName): Promise<string> {
  const tool = toolOf(name)
  const folders = [
    tool.ownModule ?? '.',
    ...(tool.package.startsWith('./') ? [tool.package] : []),
    ...stubsOf(name).map(({ stub }) => path.join('_stubs', stub)),
  ]
  const sources: SourceFile[] = []
  for (const folder of folders) {
    for (const file of await readdir(path.join(toolchainFolder, folder), { withFileTypes: true })) {
      if (!file.isFile()) continue
      const content = await readFile(path.join(toolchainFolder, folder, file.name), 'utf8')
      sources.push({ name: path.join(folder, file.name), content })
    }
  }
  return path.join(cache, 'toolchain', `${name}-${toolKey(name, buildFlags(name), sources)}`, name)
}

const toolOf = (name: ToolName): Tool => tools[name]
