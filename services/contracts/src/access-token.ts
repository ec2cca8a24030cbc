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

export const tokenIssuer = 'mytaek1-commerce'
export const tokenAudience = 'mytaek1'
