import { createHash } from 'node:crypto'
import type { Context, Middleware } from 'koa'

/** JSON with the name of its content. */
export interface TaggedJson {
  json: Buffer
  etag: string
}

/** Names JSON by its content, as ETag does. */
export function tagged(json: string): TaggedJson {
  const bytes = Buffer.from(json)
  const digest = createHash('sha1').update(bytes).digest('base64url') // a name, not a secret
  return { json: bytes, etag: `"${digest}"` }
}

/** The headers of such an answer: whoever has it asks again, and is told when it is still so. */
export const taggedHeaders = ({ etag }: TaggedJson) => ({
  'content-type': 'application/json; charset=utf-8',
  etag,
  'cache-control': 'private, no-cache',
  vary: 'Authorization',
})

/**
 * Gives JSON answers to GET an ETag from their content, unless they have one, and answers 304 to who has them already
 * (RFC 9110 section 13). The content is made either way; what is saved is its way over the network.
 */
export function conditionalGet(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.method !== 'GET' || ctx.status !== 200) return
    const etag = ctx.response.get('etag') || nameOf(ctx)
    if (etag !== undefined && isHeld(ctx, etag)) ctx.status = 304
  }
}

/**
 * Whether the caller holds what `etag` names (If-None-Match, weak comparison). Koa's `fresh` also asks for no
 * `Cache-Control: no-cache`, which every fetch() with an If-None-Match of its own sends.
 */
export function isHeld(ctx: Context, etag: string): boolean {
  const given = ctx.get('if-none-match')
  return given === '*' || given.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}

function nameOf(ctx: Context): string | undefined {
  if (ctx.response.get('cache-control') === 'no-store') return undefined
  const body: unknown = ctx.body
  const json = typeof body === 'string' ? body : isPlain(body) ? JSON.stringify(body) : undefined
  if (json === undefined) return undefined
  const named = tagged(json)
  ctx.body = named.json
  ctx.set(taggedHeaders(named))
  return named.etag
}

const isPlain = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype)
