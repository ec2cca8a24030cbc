import type { Context } from 'koa'
import { ForbiddenError } from '@mytaek1/platform/errors.ts'

// Over TLS the `__Host-` prefix keeps sibling hosts and plain HTTP from setting it (RFC 6265bis section 4.1.3.2).
const secureName = '__Host-mytaek1-refresh'
const plainName = 'mytaek1-refresh'

/** Sets the refresh token: readable by no script, sent by no other site. */
export function setRefreshCookie(ctx: Context, refreshToken: string, expiresAt: Date): void {
  ctx.append('set-cookie', cookie(ctx, refreshToken, `; Expires=${expiresAt.toUTCString()}`))
}

/** Takes the cookie away. */
export function clearRefreshCookie(ctx: Context): void {
  ctx.append('set-cookie', cookie(ctx, '', '; Max-Age=0'))
}

/**
 * The refresh token that came with the request, if any.
 *
 * @throws {ForbiddenError} a browser says that another site made the request; SameSite=Strict is the first guard.
 */
export function readRefreshCookie(ctx: Context): string | undefined {
  const site = ctx.get('sec-fetch-site')
  if (site !== '' && site !== 'same-origin' && site !== 'none') {
    throw new ForbiddenError('The session may be refreshed by its own site only')
  }
  return ctx.cookies.get(ctx.secure ? secureName : plainName)
}

/** The same, where another site's request is simply nobody's. */
export const ownRefreshCookie = (ctx: Context): string | undefined => {
  try {
    return readRefreshCookie(ctx)
  } catch {
    return undefined
  }
}

function cookie(ctx: Context, value: string, life: string): string {
  const name = ctx.secure ? secureName : plainName
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${ctx.secure ? '; Secure' : ''}${life}`
}
