/** Helm and the chart for tests: renders the templates into objects, without a cluster. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { pathsFor } from '../../../k8s-tests/cluster/host/paths.ts'
import { ensureTools } from '../../../k8s-tests/cluster/build/toolchain.ts'
import { newValues, recipes } from '../../../operator/src/own-secrets/recipe.ts'

/** The chart's folder. */
export const chartFolder = path.resolve(import.meta.dirname, '..')

const runFile = promisify(execFile)
const amounts = z.record(z.string(), z.union([z.string(), z.number()]))
const probe = z.looseObject({
  httpGet: z.object({ path: z.string(), port: z.string() }).optional(),
  initialDelaySeconds: z.number().optional(),
  periodSeconds: z.number().optional(),
  failureThreshold: z.number().optional(),
})

const containerShape = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .looseObject({
            secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.object({ requests: amounts, limits: amounts }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.object({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
})

/** A Pod's spec. */
export const podShape = z.looseObject({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.looseObject({
    runAsNonRoot: z.boolean(),
    runAsUser: z.number(),
    seccompProfile: z.object({ type: z.string() }),
  }),
  containers: z.array(containerShape),
  initContainers: z.array(containerShape.extend({ restartPolicy: z.string().optional() })).default([]),
  volumes: z
    .array(
      z.looseObject({ name: z.string(), projected: z.looseObject({ sources: z.array(z.looseObject({})) }).optional() }),
    )
    .default([]),
})

/** The labels of a Pod and its spec. */
const podTemplateShape = z.object({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: podShape,
})
export type PodTemplate = z.infer<typeof podTemplateShape>

const objectShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
  data: z.record(z.string(), z.string()).default({}),
})

const cronJobShape = z.looseObject({ jobTemplate: z.object({ spec: z.looseObject({ template: z.unknown() }) }) })

/** Any rendered object. */
export type Rendered = z.infer<typeof objectShape>

/** Runs helm (`HELM`, or the toolchain's) and answers what it printed; rejects with its error text in `stderr`. */
export function helm(...args: string[]): Promise<string> {
  return helmWith('', ...args)
}

/** `helm`, with a text for its standard input. */
async function helmWith(input: string, ...args: string[]): Promise<string> {
  const program = process.env['HELM'] ?? (await ensureTools(pathsFor(process.env).cache, ['helm'])).helm
  const running = runFile(program, args, { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 })
  running.child.stdin?.on('error', () => undefined) // a helm that ended early says why by its code
  running.child.stdin?.end(input)
  return (await running).stdout
}

const rendered = new Map<string, Promise<string>>()

/**
 * The YAML that an install of release "mytaek1" would send, with `--set` arguments such as "redis.masters=3", or
 * `--set-json` ones such as "stream.ladder=[]" or 's3.bucket="123"'. Rendered once for the same arguments.
 */
export function renderText(...sets: string[]): Promise<string> {
  const key = sets.join(' ')
  const text = rendered.get(key) ?? renderTextAgain(...sets)
  rendered.set(key, text)
  return text
}

/** `renderText`, not remembered. */
export function renderTextAgain(...sets: string[]): Promise<string> {
  const setting = sets.flatMap((set) => [/=(\[|"|\{")/.test(set) ? '--set-json' : '--set', set])
  return helm('template', 'mytaek1', chartFolder, ...setting)
}

/**
 * The YAML of an install with a file of values, which is what their types are clearest in. Rendered once for the same.
 *
 * @param capabilities kinds that the cluster has beyond its own, `gateway.networking.k8s.io/v1/HTTPRoute`.
 */
export function renderValues(values: object, capabilities: readonly string[] = []): Promise<string> {
  const file = JSON.stringify(values)
  const key = JSON.stringify([file, capabilities])
  const known = capabilities.flatMap((one) => ['--api-versions', one])
  const text = rendered.get(key) ?? helmWith(file, 'template', 'mytaek1', chartFolder, '--values', '-', ...known)
  rendered.set(key, text)
  return text
}

/** The objects of `renderText`. */
export async function renderChart(...sets: string[]): Promise<Rendered[]> {
  return objectsOf(await renderText(...sets))
}

/** The objects of a rendered text; throws where it is no YAML, which a key that is there twice makes it. */
export function objectsOf(text: string): Rendered[] {
  return parseAllDocuments(text).map((document) => {
    const [wrong] = document.errors
    if (wrong !== undefined) throw wrong
    return objectShape.parse(document.toJS())
  })
}

/** Every kind of Pod the platform runs, by the object that makes it; the operator's stream template among them. */
export function podsOf(objects: readonly Rendered[]): Map<string, PodTemplate> {
  const pods = new Map<string, PodTemplate>()
  for (const object of objects) {
    const template = templateOf(object)
    if (template) pods.set(`${object.kind}/${object.metadata.name}`, podTemplateShape.parse(template))
  }
  return pods
}

/** One object by kind and name; throws when it is not rendered. */
export function find(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (!found) throw new Error(`${kind}/${name} is not rendered`)
  return found
}

function templateOf(object: Rendered): unknown {
  if (object.kind === 'Pod') return object
  if (object.kind === 'ConfigMap') return parse(object.data['pod.yaml'] ?? 'null')
  if (object.kind === 'CronJob') return cronJobShape.parse(object.spec).jobTemplate.spec.template
  return object.spec['template']
}

/** What is in each Secret of a release: those that are rendered and those that its Job makes in the cluster, not encoded. */
export function secretsOf(objects: readonly Rendered[]): Map<string, ReadonlyMap<string, string>> {
  const secrets = new Map<string, ReadonlyMap<string, string>>()
  for (const { kind, metadata, data } of objects) {
    if (kind !== 'Secret') continue
    const held = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()] as const)
    secrets.set(metadata.name, new Map(held))
  }
  const env = [...podsOf(objects)].flatMap(([, { spec }]) => spec.containers).flatMap((container) => container.env)
  const text = env.find(({ name }) => name === 'SECRETS')?.value ?? '[]'
  // kubelet reads $$( as $(
  for (const { name, keys } of recipes.parse(JSON.parse(text.replaceAll('$$(', '$('))))
    secrets.set(name, newValues(keys, new Map()))
  return secrets
}
