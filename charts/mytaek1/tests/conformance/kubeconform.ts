import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { ensureTools } from '../../../../k8s-tests/cluster/build/toolchain.ts'
import { pathsFor } from '../../../../k8s-tests/cluster/host/paths.ts'
import { renderChart } from '../helm.ts'
import { ensureSchemas } from './schema-folder.ts'

const deadlineMs = 300_000

const reportShape = z.object({
  // of what is valid nothing is listed
  resources: z.array(z.object({ filename: z.string(), kind: z.string(), name: z.string(), msg: z.string() })),
  summary: z.object({ valid: z.number(), invalid: z.number(), errors: z.number(), skipped: z.number() }),
})

/** What kubeconform said of manifests under one version of Kubernetes. */
export type Verdict = z.infer<typeof reportShape>

/** A file of manifests: its name, and its text of one document or several. */
export type Manifests = { name: string; text: string }

/**
 * Holds manifests against the schemas of one Kubernetes, in one process: a field that it does not know, a kind without a
 * schema and a key that is there twice are errors.
 *
 * @param version as in `kubernetesVersions`, v1.34.4.
 */
export async function kubeconform(manifests: readonly Manifests[], version: string): Promise<Verdict> {
  const { cache } = pathsFor(process.env)
  const { kubeconform: program } = await ensureTools(cache, ['kubeconform'])
  const own = (await renderChart()).filter(({ kind }) => kind === 'CustomResourceDefinition')
  const schemas = await ensureSchemas(cache, own)
  // files: what it reads from its standard input it hands to its workers in a buffer that it goes on writing to
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-manifests-'))
  try {
    for (const [index, { name, text }] of manifests.entries()) {
      await writeFile(path.join(folder, `${index} ${name.replaceAll('/', '_').slice(0, 200)}.yaml`), text)
    }
    const location = `${schemas}/{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json`
    const how = ['-strict', '-summary', '-output', 'json', '-n', '2', '-schema-location', location]
    const output = await report(program, [...how, '-kubernetes-version', version.slice(1), folder])
    return reportShape.parse(JSON.parse(output))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function report(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: deadlineMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // 1: something is invalid, and the report says what
      if (error === null || (error.code === 1 && stdout !== '')) resolve(stdout)
      else reject(new Error(`kubeconform ended with ${error.code ?? error.signal}: ${stderr}`, { cause: error }))
    })
  })
}
