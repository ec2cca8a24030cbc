import type { Middleware } from 'koa'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { isHeld } from '../conditional-get.ts'
import type { ImageStore } from './image-store.ts'
import { renditionFormats, renditionNamePattern, type RenditionFormat } from './renditions.ts'

/** Serves `/images/<name>` from the store; a name never changes what it holds, so it may be cached for a year. */
export function serveImages(store: ImageStore): Middleware {
  return async (ctx, next) => {
    const name = /^\/images\/([^/]*)$/.exec(ctx.path)?.[1]
    if (name === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return await next()
    ctx.state.route = '/images/{name}'
    const format = renditionNamePattern.exec(name)?.[1] as RenditionFormat | undefined
    if (format === undefined) throw new NotFoundError('image', name)
    const etag = `"${name}"`
    ctx.set({
      'cache-control': 'public, max-age=31536000, immutable',
      etag,
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
    if (isHeld(ctx, etag)) {
      ctx.status = 304
      return
    }
    const file = await store.open(name).catch((error: unknown) => {
      ctx.remove('etag')
      ctx.set('cache-control', 'no-store')
      throw error
    })
    if (file === undefined) {
      ctx.remove('etag')
      ctx.set('cache-control', 'no-store')
      throw new NotFoundError('image', name)
    }
    ctx.type = renditionFormats[format]
    if (file.bytes !== undefined) ctx.length = file.bytes
    if (ctx.method === 'HEAD') file.body.destroy()
    else ctx.body = file.body
  }
}
