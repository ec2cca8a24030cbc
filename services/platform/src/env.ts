/** The environment becomes one frozen, validated object at the start of a process; nothing else reads `process.env`. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { blockListOf } from './address-blocks.ts'
import type { ObjectStoreConfig } from './object-store.ts'

type Shape = Record<string, z.ZodType>
type Values<S extends Shape> = Readonly<z.infer<z.ZodObject<S>>>

/** The environment does not fit; the message lists every bad variable, never a value (it may be a secret). */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Bad configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Reads the variables that `shape` names.
 *
 * A variable `X` may be given as `X_FILE`, a path whose content (trailing newline cut) is its value. Empty counts as absent.
 * @param misfits says which of them do not go together, e.g. `s3Misfits`.
 * @throws {ConfigError} naming every variable that is missing or malformed.
 */
export function readEnv<S extends Shape>(
  env: NodeJS.ProcessEnv,
  shape: S,
  misfits: (config: Values<S>, env: NodeJS.ProcessEnv) => readonly string[] = () => [],
): Values<S> {
  const raw: Record<string, string | undefined> = {}
  const problems: string[] = []
  for (const name of Object.keys(shape)) {
    const file = env[`${name}_FILE`]
    try {
      raw[name] = (file ? readFileSync(file, 'utf8').replace(/\r?\n$/, '') : env[name]) || undefined
    } catch (error) {
      problems.push(`${name}_FILE: ${error instanceof Error ? error.message : 'unreadable'}`)
    }
  }
  const parsed = z.object(shape).safeParse(raw)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0])
      problems.push(`${name}: ${raw[name] === undefined ? 'is required' : issue.message}`)
    }
  }
  if (parsed.success) problems.push(...misfits(parsed.data, env))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(parsed.data)
}

/** Like `readEnv`, for `main.ts`: a bad configuration is printed and ends the process with exit code 78 (EX_CONFIG). */
export function readEnvOrExit<S extends Shape>(
  shape: S,
  misfits?: (config: Values<S>, env: NodeJS.ProcessEnv) => readonly string[],
): Values<S> {
  try {
    return readEnv(process.env, shape, misfits)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(78)
  }
}

const integer = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : Number.NaN)

/** A whole number between `min` and `max`; required when no default is given. */
export function wholeNumber(options: { default?: number; min?: number; max?: number } = {}) {
  const number = z.coerce
    .string()
    .transform(integer)
    .pipe(
      z
        .int('must be a whole number')
        .min(options.min ?? 0)
        .max(options.max ?? Number.MAX_SAFE_INTEGER),
    )
  return options.default === undefined ? number : number.default(options.default)
}

/** A TCP port; 0 lets the system choose. */
export const port = (fallback: number) => wholeNumber({ default: fallback, max: 65_535 })

/** A duration in whole seconds. */
export const seconds = (fallback: number) => wholeNumber({ default: fallback, max: 10 * 365 * 86_400 })

/** A non-empty text. */
export function text(fallback?: string) {
  const nonEmpty = z.string().min(1)
  return fallback === undefined ? nonEmpty : nonEmpty.default(fallback)
}

/** A text that may be absent. */
export const optionalText = () => z.string().min(1).optional()

/** A secret of at least `minLength` characters. */
export const secret = (minLength = 16) => z.string().min(minLength, `must have at least ${minLength} characters`)

/** A secret and the one beside it while it is changed: the first makes what the others only check. */
export const both = (secret: string, other: string | undefined): readonly [string, ...string[]] =>
  other === undefined ? [secret] : [secret, other]

/** `true`/`false`, `on`/`off`, `1`/`0`. */
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', 'on', 'off', '1', '0'], 'must be true or false')
    .transform((value) => value === 'true' || value === 'on' || value === '1')
    .default(fallback)

/** A URL of one of the given protocols, e.g. `url(['mysql:'])`. */
export function url(protocols: readonly string[], fallback?: string) {
  const valid = urlOf(protocols)
  return fallback === undefined ? valid : valid.default(fallback)
}

/** A comma-separated list of URLs of one of the given protocols, at least one. */
export const urlList = (protocols: readonly string[]) =>
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(urlOf(protocols)).min(1))

/** Blocks of addresses (CIDR), separated by commas. */
export const addressBlocks = () =>
  z.string().transform((value, context) => {
    try {
      return blockListOf(value.split(',').map((block) => block.trim()))
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'must be blocks of addresses such as 192.0.2.0/24, separated by commas',
      })
      return z.NEVER
    }
  })

const urlOf = (protocols: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL with ${protocols.join(' or ')}`,
  })

/** Variables that every process has. */
export const commonVariables = {
  PORT: port(8080),
  ADMIN_PORT: port(9090),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
}

/** Variables that lead to a bucket of an S3 store. Without keys they are those of the process' role (object-store.ts). */
export const s3Variables = {
  S3_ENDPOINT: url(['http:', 'https:']),
  S3_REGION: text('us-east-1'),
  S3_BUCKET: text('mytaek1'),
  S3_ACCESS_KEY_ID: optionalText(),
  S3_SECRET_ACCESS_KEY: optionalText(),
}

/** The same for a process that also runs without: absent, unless there is an endpoint. */
export const optionalS3Variables = { ...s3Variables, S3_ENDPOINT: s3Variables.S3_ENDPOINT.optional() }

type OptionalS3Config = Readonly<z.infer<z.ZodObject<typeof optionalS3Variables>>>
type S3Config = Readonly<z.infer<z.ZodObject<typeof s3Variables>>>

/** Which variables of a bucket, and of a role for it, are there without those that they are nothing without. */
export function s3Misfits(config: OptionalS3Config, env: NodeJS.ProcessEnv): string[] {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secretKey } = config
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: token } = env
  const misfits: string[] = []
  if ((id === undefined) !== (secretKey === undefined))
    misfits.push(
      'S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: come together; without both, a role of the Pod opens the bucket',
    )
  if (endpoint === undefined && (id !== undefined || secretKey !== undefined))
    misfits.push('S3_ENDPOINT: is required with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY')
  if (endpoint !== undefined && id === undefined && Boolean(role) !== Boolean(token))
    misfits.push('AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE: come together; both are of the annotated ServiceAccount')
  return misfits
}

/** Those variables as `connectObjectStore` takes them; undefined without an endpoint. */
export function s3Of(config: S3Config): ObjectStoreConfig
export function s3Of(config: OptionalS3Config): ObjectStoreConfig | undefined
export function s3Of(config: OptionalS3Config): ObjectStoreConfig | undefined {
  const { S3_ENDPOINT, S3_REGION, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = config
  if (S3_ENDPOINT === undefined) return undefined
  const place = { endpoint: S3_ENDPOINT, region: S3_REGION, bucket: S3_BUCKET }
  if (S3_ACCESS_KEY_ID === undefined || S3_SECRET_ACCESS_KEY === undefined) return place
  return { ...place, keys: { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY } }
}
