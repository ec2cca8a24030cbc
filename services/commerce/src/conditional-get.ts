import { createHash } from 'node:crypto'
import type { Context, Middleware } from 'koa'

/**
 * Gives JSON answers to GET an ETag from their content and answers 304 to who has them already (RFC 9110 section 13).
 * The content is made either way; what is saved is its way over the network.
 */
export function conditionalGet(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.method !== 'GET' || ctx.status !== 200 || ctx.response.get('etag')) return
    if (ctx.response.get('cache-control') === 'no-store') return
    const body: unknown = ctx.body
    const json = typeof body === 'string' ? body : isPlain(body) ? JSON.stringify(body) : undefined
    if (json === undefined) return
    const digest = createHash('sha1').update(json).digest('base64url') // a name, not a secret
    ctx.body = json
    ctx.type = 'application/json'
    const etag = `"${digest}"`
    ctx.set({ etag, 'cache-control': 'private, no-cache', vary: 'Authorization' })
    if (isHeld(ctx, etag)) ctx.status = 304
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

const isPlain = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype)
