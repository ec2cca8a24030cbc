import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import { parse } from 'yaml'
import { z } from 'zod'

const containerShape = z.looseObject({
  name: z.string(),
  restartPolicy: z.string().optional(), // Always: an init container that stays, a sidecar
  resources: z
    .looseObject({
      requests: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).optional(),
    })
    .optional(),
})
const templateShape = z.object({
  metadata: z
    .object({
      labels: z.record(z.string(), z.string()).default({}),
      annotations: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  spec: z.looseObject({
    containers: z.array(containerShape).min(1),
    initContainers: z.array(containerShape).optional(),
  }),
})

/** A container of a template. */
export type TemplateContainer = z.infer<typeof containerShape>

/** What every stream Pod is made from: metadata and Pod spec, checked only as far as the operator reads them. */
export type PodTemplate = z.infer<typeof templateShape>

/**
 * Reads a Pod template: `{metadata, spec}`, or a bare Pod spec.
 * @throws {Error} the file is missing, not YAML, or has no containers.
 */
export async function readPodTemplate(path: string): Promise<PodTemplate> {
  return parsePodTemplate(parse(await readFile(path, 'utf8')))
}

/** @throws {z.ZodError} the value has no containers. */
export function parsePodTemplate(value: unknown): PodTemplate {
  const whole = z.looseObject({ spec: z.unknown() }).safeParse(value)
  return templateShape.parse(whole.success && whole.data.spec !== undefined ? whole.data : { spec: value })
}

/**
 * Lays a MediaPool's overrides over the template: objects merge, `null` removes, lists of named things (containers, env,
 * volumes, ports) merge by name, other lists replace. (The useful part of Kubernetes' strategic merge.)
 */
export function overrideTemplate(template: PodTemplate, overrides: Record<string, unknown> | undefined): PodTemplate {
  return overrides === undefined ? template : templateShape.parse(merge(template, overrides))
}

/** What Pods are made from: a template and its fingerprint, or why there is none. */
export type Blueprint = { template: PodTemplate; hash: string } | { problem: string }

/** Its fingerprint; empty for a broken one. */
export const hashOf = (blueprint: Blueprint) => ('hash' in blueprint ? blueprint.hash : '')

/** The template that a pool's Pods are made from, read once for each of its generations. */
export class Blueprints {
  #base: PodTemplate
  #plain: Blueprint
  #byPool = new Map<string, { generation: number | undefined; blueprint: Blueprint }>() // by UID

  constructor(base: PodTemplate) {
    this.#base = base
    this.#plain = { template: base, hash: templateHash(base) }
  }

  /** @param pool undefined: the namespace has none */
  of(pool: MediaPool | undefined): Blueprint {
    if (pool?.spec.template === undefined) return this.#plain
    const { uid, generation } = pool.metadata
    const known = this.#byPool.get(uid)
    if (known && known.generation === generation) return known.blueprint
    const blueprint = this.#read(pool.spec.template)
    this.#byPool.set(uid, { generation, blueprint })
    return blueprint
  }

  #read(overrides: Record<string, unknown>): Blueprint {
    try {
      const template = overrideTemplate(this.#base, overrides)
      return { template, hash: templateHash(template) }
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error
      const words = error.issues
        .slice(0, 3)
        .map(({ path, message }) => `${['template', ...path.map(String)].join('.')}: ${message}`)
      return { problem: words.join('; ') }
    }
  }
}

/** A short fingerprint: Pods with another one were made from an older template. */
export const templateHash = (template: PodTemplate) =>
  createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 12)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNamed = (value: unknown): value is Record<string, unknown> & { name: string } =>
  isRecord(value) && typeof value['name'] === 'string'

function merge(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over) && base.every(isNamed) && over.every(isNamed)) {
    const added = over.filter((item) => !base.some(({ name }) => name === item.name))
    const merged = base.map((item) => merge(item, over.find(({ name }) => name === item.name) ?? {}))
    return [...merged, ...added]
  }
  if (!isRecord(base) || !isRecord(over)) return over
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key]
    else result[key] = key in base ? merge(base[key], value) : value
  }
  return result
}
