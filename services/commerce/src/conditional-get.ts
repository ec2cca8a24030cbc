import { createHash } from 'node:crypto'
import type { Middleware } from 'koa'

/**
 * Gives JSON answers to GET an ETag from their content and answers 304 to who has them already (RFC 9110 section 13).
 * The content is made either way; what is saved is its way over the network.
 */
export function conditionalGet(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.method !== 'GET' || ctx.status !== 200 || ctx.response.get('etag') !== '') return
    if (ctx.response.get('cache-control') === 'no-store') return
    const body: unknown = ctx.body
    const json = typeof body === 'string' ? body : isPlain(body) ? JSON.stringify(body) : undefined
    if (json === undefined) return
    const digest = createHash('sha1').update(json).digest('base64url') // a name, not a secret
    ctx.body = json
    ctx.type = 'application/json'
    ctx.set({ etag: `"${digest}"`, 'cache-control': 'private, no-cache', vary: 'Authorization' })
    if (ctx.fresh) ctx.status = 304
  }
}

const isPlain = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype)
