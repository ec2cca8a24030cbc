import type { Middleware } from 'koa'
import sirv from 'sirv'
import { sendProblem } from '@mytaek1/platform/http-app.ts'

// Vite puts the hash of its content into the name of every file under assets/, so such a name never changes meaning.
const immutable = 'public, max-age=31536000, immutable'
const revalidate = 'no-cache' // kept, but asked for again (304) each time: a deployment shows at the next load

/** Paths that belong to other services: answered 404 here, never with the page, or a wrong route would look like success. */
const otherServices = [/^\/(api|hls|images|internal)(\/|$)/, /^\/assets\//]

/**
 * Serves the built site from memory of its file list: GET and HEAD, precompressed (br, gzip), strong caching for hashed
 * names, and `index.html` for every path that is a page of the single-page application.
 *
 * @param folder what `vite build` wrote; read once at start.
 */
export function staticFiles(folder: string): Middleware {
  const serve = sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    single: true,
    ignores: otherServices,
    setHeaders: (response, path) => {
      response.setHeader('cache-control', path.startsWith('/assets/') ? immutable : revalidate)
    },
  })
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('allow', 'GET, HEAD')
      sendProblem(ctx, { status: 405, code: 'method_not_allowed', detail: 'Files are only read' })
      return
    }
    delete ctx.req.headers.range // RFC 9110 section 14.2 lets a server ignore it; the files are small
    const served = await new Promise<boolean>((resolve) => {
      ctx.res.once('close', () => resolve(true)) // sent, or the visitor left
      serve(ctx.req, ctx.res, () => resolve(false))
    })
    if (served) ctx.state.route = 'static'
    else await next()
  }
}
