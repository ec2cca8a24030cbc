import type { Middleware } from 'koa'

/** Whom a page talks to beside its own origin: streams that are elsewhere, and the payment window that PortOne's script opens. */
export interface Outsiders {
  hlsUrl?: string | undefined
  portone?: boolean | undefined
}

/**
 * Content-Security-Policy (CSP level 3) of every page: only this origin's files run and are talked to, and streams are read
 * from theirs. `blob:` is what Media Source Extensions play from, and what a chosen image is previewed from before its upload.
 * PortOne's script puts the window of one of many PGs into the page: theirs may be any origin over TLS.
 */
function contentSecurityPolicy({ hlsUrl, portone = false }: Outsiders): string {
  const streams = hlsUrl === undefined ? '' : ` ${new URL(hlsUrl).origin}`
  return [
    "default-src 'none'",
    `script-src 'self'${portone ? ' https://cdn.portone.io' : ''}`,
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `media-src 'self' blob:${streams}`,
    `connect-src 'self'${streams}${portone ? ' https://*.portone.io' : ''}`,
    ...(portone ? ['frame-src https:'] : []),
    "worker-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    `form-action 'self'${portone ? ' https:' : ''}`,
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Sets the headers that keep other origins' scripts, frames and sniffing out; HSTS only where the request came by TLS. */
export function securityHeaders(outsiders: Outsiders = {}): Middleware {
  const policy = contentSecurityPolicy(outsiders)
  return async (ctx, next) => {
    ctx.set({
      'content-security-policy': policy,
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
