import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'
import type { Context } from 'koa'
import {
  accessTokenClaimsShape,
  tokenAudience,
  tokenIssuer,
  type AccessTokenClaims,
  type Role,
} from '@mytaek1/contracts/access-token.ts'
import { ForbiddenError, UnauthenticatedError, UnavailableError } from './errors.ts'

const verifiedMax = 20_000 // about half a kilobyte each

/** Tells who sent an access token. */
export type TokenVerifier = (token: string) => Promise<AccessTokenClaims>

/** Verifies with keys fetched from commerce's JWKS (cached; refetched for an unknown key id at most every 30 s). */
export function remoteTokenVerifier(jwksUrl: string): TokenVerifier {
  return verifierOf(createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 30_000 }))
}

/** Verifies with keys at hand: commerce itself, and tests. */
export function localTokenVerifier(jwks: JSONWebKeySet): TokenVerifier {
  return verifierOf(createLocalJWKSet(jwks))
}

/**
 * Who calls: the claims of the bearer token.
 *
 * @throws {UnauthenticatedError} no token, or one that is malformed, expired, or not ours.
 * @throws {ForbiddenError} the token's role is none of `roles`.
 */
export async function authenticate(
  ctx: Context,
  verify: TokenVerifier,
  roles?: readonly Role[],
): Promise<AccessTokenClaims> {
  const match = /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('authorization'))
  if (!match?.[1]) throw new UnauthenticatedError()
  const claims = await verify(match[1])
  if (roles && !roles.includes(claims.role)) throw new ForbiddenError(`This needs the role ${roles.join(' or ')}`)
  return claims
}

// A viewer sends the same token with every request for ten minutes, and checking its signature costs more than placing
// an order does: the most recent ones are remembered until they expire.
function verifierOf(keys: JWTVerifyGetKey): TokenVerifier {
  const verified = new Map<string, { claims: AccessTokenClaims; expiresAt: number }>()
  return async (token) => {
    const known = verified.get(token)
    if (known && known.expiresAt > Date.now()) return known.claims
    const { claims, expiresAt } = await verify(keys, token)
    const oldest = verified.keys().next()
    if (verified.size >= verifiedMax && !oldest.done) verified.delete(oldest.value)
    verified.set(token, { claims, expiresAt })
    return claims
  }
}

async function verify(keys: JWTVerifyGetKey, token: string) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: tokenIssuer,
      audience: tokenAudience,
      algorithms: ['EdDSA'], // never the token's own choice (RFC 8725 section 3.1)
    })
    return { claims: accessTokenClaimsShape.parse(payload), expiresAt: (payload.exp ?? 0) * 1_000 }
  } catch (error) {
    if (error instanceof errors.JWKSTimeout || isNetworkError(error)) {
      throw new UnavailableError('The token keys cannot be read now', { cause: error })
    }
    throw new UnauthenticatedError('The access token is expired or not valid; sign in or refresh')
  }
}

const isNetworkError = (error: unknown) =>
  error instanceof TypeError || (error instanceof Error && error.message.startsWith('Expected 200 OK'))
