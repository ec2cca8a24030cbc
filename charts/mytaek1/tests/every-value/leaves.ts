/** The values that the schema takes, one by one, each with what else it may be. */
import { z } from 'zod'

/**
 * A value: its path (`0` is the first item of a list), and what it may be instead of what is delivered; some may be refused.
 * `mark` is found again in whatever it is rendered to, for no other value has its number.
 */
export type Leaf = { path: readonly string[]; samples: readonly unknown[]; mark?: { value: unknown; seen: RegExp } }

const schemaShape = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  allOf: z.array(z.unknown()).optional(),
})
type Schema = z.infer<typeof schemaShape>

const marksOf: Readonly<Record<string, (mark: string) => unknown>> = {
  labels: (mark) => ({ [mark]: 'x' }),
  annotations: (mark) => ({ [mark]: 'x' }),
  env: (mark) => ({ [mark.toUpperCase()]: 'x' }),
  affinity: (topologyKey) => ({
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey } }],
    },
  }),
  tolerations: (key) => [{ key }],
  spread: (topologyKey) => [{ maxSkew: 3, topologyKey, whenUnsatisfiable: 'ScheduleAnyway' }],
  parentRefs: (name) => [{ name }],
  objectName: (mark) => mark,
  secretKey: (mark) => mark,
}

/** Texts of every kind that the schema asks for, each with a number in it. */
const textsOf = (number: number): readonly string[] => [
  `m${number}`,
  `M${number}`,
  `https://m${number}.example`,
  `rtmps://m${number}.example/live`,
  `mysql://m${number}:b@host/db`,
  `redis://m${number}:1`,
  `m${number}@mail.example`,
  `sha256:${String(number).padEnd(64, 'f')}`,
  `${number % 60} 11 * * *`,
  ...['', 's', 'h', 'm', 'mb', 'M', 'Mi'].map((unit) => `${number}${unit}`),
  '7%',
  'ABC',
  '11',
  `198.51.${number % 256}.0/24`,
]

/** All of them but those of `pod`, which are looked at component by component (settings.test.ts). */
export function leavesOf(schema: unknown): Leaf[] {
  const root = schemaShape.parse(schema)
  const definitions = z.record(z.string(), z.unknown()).parse(root['definitions'])
  let number = 400
  const walk = (given: unknown, path: readonly string[]): Leaf[] => {
    const node = schemaShape.parse(given)
    const name = node.$ref?.replace('#/definitions/', '') ?? ''
    const make = marksOf[name]
    number += 1
    const mark = `m${number}`
    if (name === 'pod') return []
    if (make !== undefined)
      return [{ path, samples: [make(mark)], mark: { value: make(mark), seen: new RegExp(`\\b${mark}\\b`, 'i') } }]
    if (path.at(-1) === 'behavior') {
      const policies = [{ type: 'Pods', value: number, periodSeconds: 1 }]
      return [{ path, samples: [], mark: { value: { scaleUp: { policies } }, seen: new RegExp(`\\b${number}\\b`) } }]
    }
    // a request is never more than its limit
    const unit = path.includes('requests') ? 'Ki' : 'Gi'
    const seen = new RegExp(`\\b${number}(${unit})?\\b`)
    if (name === 'quantity') return [{ path, samples: [], mark: { value: `${number}${unit}`, seen } }]
    if (node.$ref !== undefined) return walk(definitions[name], path)
    if (node.allOf !== undefined) return walk(node.allOf[0], path)
    if (node.properties !== undefined)
      return Object.entries(node.properties).flatMap(([key, inner]) => walk(inner, [...path, key]))
    if (node.items !== undefined) return walk(node.items, [...path, '0'])
    if (node.type === 'string' && node.enum === undefined) {
      const [value] = textsOf(number).filter((text) => new RegExp(node.pattern ?? '').test(text))
      if (value?.includes(String(number)))
        return [{ path, samples: [], mark: { value, seen: new RegExp(String.raw`(?<![0-9])${number}(?![0-9])`) } }]
    }
    const isInteger = node.type === 'integer' && node.enum === undefined
    const isMarked = isInteger && (node.minimum ?? 0) <= number && (node.maximum ?? number) >= number
    return [{ path, samples: instead(node, number), ...(isMarked ? { mark: { value: number, seen } } : {}) }]
  }
  return walk({ properties: root.properties }, [])
}

/** Values with another one at a path; undefined where there is no such item of a list. */
export function withValue(values: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  if (key === '0') {
    if (!Array.isArray(values) || values.length === 0) return undefined
    const [first, ...others] = values as unknown[]
    const changed = withValue(first, rest, value)
    return changed === undefined ? undefined : [changed, ...others]
  }
  const record = z.record(z.string(), z.unknown()).catch({}).parse(values)
  const changed = withValue(record[key], rest, value)
  return changed === undefined ? undefined : { ...record, [key]: changed }
}

function instead(node: Schema, number: number): unknown[] {
  if (node.enum !== undefined) return node.enum
  const types = [node.type ?? []].flat()
  const from = node.minimum ?? 0
  return [
    ...(types.includes('boolean') ? [true, false] : []),
    ...(types.includes('integer') ? [from + 1, from + 77, 2] : []),
    ...(types.includes('string')
      ? textsOf(number)
          .filter((text) => new RegExp(node.pattern ?? '').test(text))
          .slice(0, 2)
      : []),
    ...(types.includes('object') ? [{ marker: { maxRungs: 2 } }] : []),
  ]
}

/** What values say at a path; undefined: nothing. */
export function valueAt(values: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return values
  if (Array.isArray(values)) return key === '0' ? valueAt(values[0], rest) : undefined
  return valueAt(z.record(z.string(), z.unknown()).catch({}).parse(values)[key], rest)
}
