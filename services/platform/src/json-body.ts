import type { Context } from 'koa'
import getRawBody from 'raw-body'
import type { z } from 'zod'
import { dropRest } from './drop-rest.ts'
import { BodyTooLargeError, BodyTooSlowError, InvalidRequestError, UnsupportedMediaTypeError } from './errors.ts'
import { afterRunning } from './running-time.ts'

const bodyMs = 10_000 // for 64 KiB: slower than any phone
/** Both that a form can be sent as (WHATWG HTML section 4.10.21.8). */
export const formTypes = Object.freeze(['multipart/form-data', 'application/x-www-form-urlencoded'] as const)

const dropped = { bytes: 4 * 1024 * 1024, ms: 5_000 }

/**
 * Reads a JSON body and holds it against its schema.
 *
 * @param limitBytes how large the body may be
 * @throws {UnsupportedMediaTypeError} not `application/json`, or compressed.
 * @throws {BodyTooLargeError} larger than the limit; the rest is dropped.
 * @throws {BodyTooSlowError} not there after ten seconds.
 * @throws {InvalidRequestError} not JSON, or not as the schema says; one field entry a violation.
 */
export async function readJson<S extends z.ZodType>(ctx: Context, shape: S, limitBytes: number): Promise<z.infer<S>> {
  return check(shape, parse(await readJsonText(ctx, limitBytes)), 'body')
}

/**
 * Reads a form as browsers and mail programs send it, its fields as text, and holds it against its schema; the same refusals.
 */
export async function readForm<S extends z.ZodType>(ctx: Context, shape: S, limitBytes: number): Promise<z.infer<S>> {
  requireType(ctx, formTypes)
  const text = await readText(ctx, limitBytes)
  return check(shape, await fieldsOf(text, ctx.get('content-type')), 'body')
}

/** The text of a JSON body as it was sent, for whoever holds a signature against its bytes; the same refusals. */
export async function readJsonText(ctx: Context, limitBytes: number): Promise<string> {
  requireType(ctx, ['application/json'])
  return await readText(ctx, limitBytes)
}

/** Holds a value against a schema; throws InvalidRequestError with one entry a violation. */
export function check<S extends z.ZodType>(shape: S, value: unknown, where: string): z.infer<S> {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.') || where,
    message: issue.message,
  }))
  throw new InvalidRequestError(
    `The ${where} is not as this route takes it: ${fields[0]?.path}: ${fields[0]?.message}`,
    fields,
  )
}

function requireType(ctx: Context, taken: readonly string[]): void {
  if (!ctx.is([...taken])) throw new UnsupportedMediaTypeError(ctx.get('content-type'), taken)
  const encoding = ctx.get('content-encoding')
  if (encoding !== '' && encoding !== 'identity') throw new UnsupportedMediaTypeError(encoding, ['an unencoded body'])
}

async function readText(ctx: Context, limitBytes: number): Promise<string> {
  const { promise: tooSlow, reject } = Promise.withResolvers<never>()
  const timer = afterRunning(bodyMs, () => reject(new BodyTooSlowError(bodyMs)))
  try {
    const reading = getRawBody(ctx.req, { length: ctx.request.length, limit: limitBytes, encoding: 'utf8' })
    return await Promise.race([reading, tooSlow])
  } catch (error) {
    dropRest(ctx.req, dropped)
    const type = error instanceof Error && 'type' in error ? error.type : undefined
    if (type === 'entity.too.large') throw new BodyTooLargeError(limitBytes)
    if (type === 'request.size.invalid') throw new InvalidRequestError('The body is not as long as Content-Length says')
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function fieldsOf(text: string, contentType: string): Promise<Record<string, unknown>> {
  try {
    return Object.fromEntries(await new Response(text, { headers: { 'content-type': contentType } }).formData())
  } catch {
    throw new InvalidRequestError('The body is not the form that its Content-Type says')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidRequestError('The body is not JSON')
  }
}
