/**
 * JSON schemas as `kubeconform -strict` reads them, out of an apiserver's own description of its API (swagger.json) and of
 * CustomResourceDefinitions: a field that the API does not have is refused, which the description alone does not say.
 */

/** A JSON schema, or a part of one. */
export type Schema = { readonly [keyword: string]: unknown }

/** What a kind is validated by, by the file name that kubeconform asks for. */
export type SchemaFiles = Map<string, Schema>

type Definitions = { readonly [name: string]: Schema }
type KindOfApi = { group: string; version: string; kind: string }

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const refPrefix = '#/definitions/'
/** What a schema is told by that concerns no validation, or is rewritten below. */
const left = /^(description|default|example|nullable|x-.*|properties|additionalProperties|items|allOf|anyOf|oneOf|not)$/

// apimachinery's own forms; the description says only "string"
const special: { readonly [name: string]: Schema } = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    oneOf: [{ type: 'string', pattern: '^[+-]?[0-9.]+([eE][-+]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$' }, { type: 'number' }],
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
}

/** The schema of every kind that an apiserver serves by itself. */
export function schemasOfApi(swagger: unknown): SchemaFiles {
  const definitions = definitionsOf(swagger)
  const files: SchemaFiles = new Map()
  for (const definition of Object.values(definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind'] as KindOfApi[] | undefined
    const [kind, ...others] = kinds ?? []
    // DeleteOptions and its like are of every group, and no manifest's
    if (kind === undefined || others.length > 0) continue
    files.set(fileOf(kind), rootOf(kind, strict(definition), definitions))
  }
  return files
}

/**
 * The schemas of what a CustomResourceDefinition defines, one a version.
 *
 * @param swagger of the apiserver it would be installed in: `metadata` is described there.
 */
export function schemasOfDefinition(definition: unknown, swagger: unknown): SchemaFiles {
  const { spec } = definition as {
    spec: {
      group: string
      names: { kind: string }
      versions: { name: string; schema?: { openAPIV3Schema: Schema } }[]
    }
  }
  const files: SchemaFiles = new Map()
  for (const { name: version, schema } of spec.versions) {
    if (schema === undefined) continue
    const kind = { group: spec.group, version, kind: spec.names.kind }
    const own = schema.openAPIV3Schema
    const properties = { ...schemasIn(own['properties']), metadata: { $ref: `${refPrefix}${objectMeta}` } }
    files.set(fileOf(kind), rootOf(kind, strict({ ...own, properties }), definitionsOf(swagger)))
  }
  return files
}

/** The name under which kubeconform looks a kind up: `deployment-apps-v1.json`, `service-v1.json`. */
export function fileOf({ group, version, kind }: KindOfApi): string {
  const [first = ''] = group.split('.')
  return `${[kind, ...(first === '' ? [] : [first]), version].join('-').toLowerCase()}.json`
}

/** A schema that stands for itself: all that it refers to is in it. */
function rootOf(kind: KindOfApi, schema: Schema, definitions: Definitions): Schema {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...schema,
    properties: { ...schemasIn(schema['properties']), apiVersion: { enum: [apiVersion] }, kind: { enum: [kind.kind] } },
    required: [...new Set([...((schema['required'] as string[] | undefined) ?? []), 'apiVersion', 'kind', 'metadata'])],
    definitions: Object.fromEntries(
      [...reached(schema, definitions, new Set())].map((name) => [
        name,
        special[name] ?? strict(definitions[name] ?? {}),
      ]),
    ),
  }
}

/** A schema in which an object has no other fields than those it lists. In a junctor (`allOf` …) the listed are not all. */
function strict(schema: Schema, isJunctor = false): Schema {
  const kept = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !left.test(keyword)))
  const { properties, additionalProperties, items } = schema
  const isOpen = additionalProperties !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true
  const closed = properties !== undefined && !isOpen && !isJunctor ? { additionalProperties: false } : {}
  return nullable(schema, {
    ...kept,
    ...(properties === undefined ? {} : { properties: mapped(properties, isJunctor) }),
    ...closed,
    ...(isSchema(additionalProperties) ? { additionalProperties: strict(additionalProperties, isJunctor) } : {}),
    ...(isSchema(items) ? { items: strict(items, isJunctor) } : {}),
    ...(isSchema(schema['not']) ? { not: strict(schema['not'], true) } : {}),
    ...Object.fromEntries(
      (['allOf', 'anyOf', 'oneOf'] as const).flatMap((junctor) => {
        const parts = schema[junctor]
        return Array.isArray(parts) ? [[junctor, parts.filter(isSchema).map((part) => strict(part, true))]] : []
      }),
    ),
  })
}

function nullable(schema: Schema, made: Schema): Schema {
  if (schema['nullable'] !== true || typeof schema['type'] !== 'string') return made
  return { ...made, type: [schema['type'], 'null'] }
}

/** Names of all definitions that a schema refers to, directly or through others. */
function reached(schema: Schema, definitions: Definitions, seen: Set<string>): Set<string> {
  for (const name of refsOf(schema)) {
    if (seen.has(name)) continue
    seen.add(name)
    if (special[name] === undefined) reached(definitions[name] ?? {}, definitions, seen)
  }
  return seen
}

function* refsOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    // JSONSchemaProps has a field of that name, whose value is no string
    if (key === '$ref' && typeof inner === 'string') yield inner.slice(refPrefix.length)
    else yield* refsOf(inner)
  }
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const schemasIn = (value: unknown): { [name: string]: Schema } =>
  isSchema(value)
    ? (Object.fromEntries(Object.entries(value).filter(([, one]) => isSchema(one))) as { [name: string]: Schema })
    : {}

const mapped = (properties: unknown, isJunctor: boolean): Schema =>
  Object.fromEntries(Object.entries(schemasIn(properties)).map(([name, one]) => [name, strict(one, isJunctor)]))

function definitionsOf(swagger: unknown): Definitions {
  if (!isSchema(swagger) || !isSchema(swagger['definitions'])) throw new Error('The swagger has no definitions')
  return schemasIn(swagger['definitions'])
}
