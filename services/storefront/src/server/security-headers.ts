import type { Middleware } from 'koa'

/**
 * Content-Security-Policy (CSP level 3) of every page: only this origin's files run and are talked to. `blob:` is what
 * Media Source Extensions play from, and what a chosen image is previewed from before its upload.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Sets the headers that keep other origins' scripts, frames and sniffing out; HSTS only where the request came by TLS. */
export function securityHeaders(): Middleware {
  return async (ctx, next) => {
    ctx.set({
      'content-security-policy': contentSecurityPolicy,
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    if (ctx.secure) ctx.set('strict-transport-security', 'max-age=31536000')
    await next()
  }
}
