import { z } from 'zod'

/** Who may do what; a token carries the account's role. */
export const roleShape = z.enum(['viewer', 'seller', 'admin'])
export type Role = z.infer<typeof roleShape>

/**
 * Claims of an access token (JWT, EdDSA, RFC 7519): issued by commerce for ten minutes, verified by every service
 * against commerce's JWKS. `sub` is the account id.
 */
export const accessTokenClaimsShape = z.object({
  sub: z.string(),
  role: roleShape,
  name: z.string(), // display name
  sid: z.string(), // session id: the refresh family
})
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsShape>

/** How long an access token is good for; the refresh cookie gets the next one. */
export const accessTokenSeconds = 600

/** The answer of commerce's `GET /internal/ended-sessions/{since}`; `endedAt` in Unix milliseconds, newest first. */
export const endedSessionsMax = 50_000
const endedSessionShape = z.object({ id: z.string(), endedAt: z.number() })
export const endedSessionsShape = z.object({ sessions: z.array(endedSessionShape).max(endedSessionsMax) })
export type EndedSession = z.infer<typeof endedSessionShape>
export type EndedSessions = z.infer<typeof endedSessionsShape>

export const tokenIssuer = 'mytaek1-commerce'
export const tokenAudience = 'mytaek1'
