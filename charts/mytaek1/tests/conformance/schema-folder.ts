import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import { withFileLock } from '../../../../k8s-tests/cluster/host/file-lock.ts'
import { step } from '../../../../k8s-tests/cluster/host/progress.ts'
import { run } from '../../../../k8s-tests/cluster/host/run.ts'
import { schemasOfApi, schemasOfDefinition, type SchemaFiles } from './strict-schema.ts'

/** A Go module at one version, and the sum that Go's checksum database has for it. */
type Module = { path: string; version: string; sum: string }

/**
 * The Kubernetes versions that manifests are checked against: the oldest that the chart takes, that of the cluster of
 * `make up`, and the newest. Each module of Kubernetes carries the swagger.json of its apiserver, in a zip of 20 MB; no
 * smaller module has it (k8s.io/api has the types without what is required, k8s.io/kubectl that of a test of years ago).
 */
export const kubernetesVersions: readonly Module[] = [
  { path: 'k8s.io/kubernetes', version: 'v1.33.9', sum: 'h1:g2DzjYhaiubzMxccj8o45C6plrJR3vKDyQP7sQg7uaw=' },
  { path: 'k8s.io/kubernetes', version: 'v1.34.4', sum: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=' },
  { path: 'k8s.io/kubernetes', version: 'v1.37.2', sum: 'h1:A2VDEiObzkYqFTKhSsn0ZEb0RlLEXpHWj93gi2HqEwE=' },
]

/** Definitions of others that the chart has objects of. */
const definitions: readonly (Module & { files: readonly string[] })[] = [
  {
    path: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['podmonitors', 'servicemonitors', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    path: 'sigs.k8s.io/gateway-api',
    version: 'v1.4.0',
    sum: 'h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ=',
    files: [
      'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
      'config/crd/experimental/gateway.networking.k8s.io_tcproutes.yaml',
    ],
  },
]

/**
 * Answers the folder that has, for each of `kubernetesVersions`, a folder `v1.33.9` … of schemas; makes it once, from modules
 * of Go's proxy, and keeps it in the cache.
 *
 * @param own CustomResourceDefinitions of ours, parsed; other ones are another folder.
 */
export async function ensureSchemas(cache: string, own: readonly unknown[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([kubernetesVersions, definitions, own]))
  for (const file of ['strict-schema.ts', 'schema-folder.ts'])
    hash.update(await readFile(path.join(import.meta.dirname, file)))
  const folder = path.join(cache, 'kubernetes-schemas', hash.digest('hex').slice(0, 16))
  if (await exists(folder)) return folder
  await withFileLock(path.join(cache, 'kubernetes-schemas.lock'), 'making schemas of Kubernetes', async () => {
    if (!(await exists(folder))) await step('making schemas of Kubernetes', () => makeSchemas(folder, own))
  })
  return folder
}

async function makeSchemas(folder: string, own: readonly unknown[]): Promise<void> {
  const making = `${folder}.making`
  await rm(making, { recursive: true, force: true })
  const defined = [...own]
  for (const module of definitions) {
    const source = await download(module)
    for (const file of module.files) {
      for (const document of parseAllDocuments(await readFile(path.join(source, file), 'utf8'))) {
        if (document.contents !== null) defined.push(document.toJS())
      }
    }
  }
  for (const module of kubernetesVersions) {
    const file = path.join(await download(module), 'api/openapi-spec/swagger.json')
    const swagger: unknown = JSON.parse(await readFile(file, 'utf8'))
    const into = path.join(making, module.version)
    await mkdir(into, { recursive: true })
    const files: SchemaFiles = schemasOfApi(swagger)
    for (const one of defined) for (const [name, schema] of schemasOfDefinition(one, swagger)) files.set(name, schema)
    for (const [name, schema] of files) await writeFile(path.join(into, name), JSON.stringify(schema))
  }
  await rename(making, folder)
}

/** The folder of a module's sources in Go's own cache. */
async function download({ path: name, version, sum }: Module): Promise<string> {
  // outside of any module: no go.mod is read or changed
  const options = { cwd: tmpdir(), env: { GOWORK: 'off', GOFLAGS: '' }, timeoutMs: 300_000 }
  const answer = JSON.parse(await run('go', ['mod', 'download', '-json', `${name}@${version}`], options)) as {
    Dir: string
    Sum: string
  }
  if (answer.Sum !== sum) throw new Error(`${name}@${version} has the sum ${answer.Sum}, not ${sum}`)
  return answer.Dir
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined
