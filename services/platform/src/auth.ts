import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
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
  const token = bearerOf(ctx)
  if (token === undefined) throw new UnauthenticatedError()
  const claims = await verify(token)
  if (roles && !roles.includes(claims.role)) throw new ForbiddenError(`This needs the role ${roles.join(' or ')}`)
  return claims
}

/**
 * Whether an account itself asks, where anybody may: false without a token, or with one that is not good. Of a crowd that
 * is signed in, no signature is checked but its own.
 */
export async function isAskedBy(ctx: Context, verify: TokenVerifier, accountId: string): Promise<boolean> {
  const token = bearerOf(ctx)
  if (token === undefined || subjectOf(token) !== accountId) return false
  return await verify(token).then(
    () => true,
    () => false,
  )
}

/**
 * Verifies with the keys that `keys` finds. A viewer sends the same token with every request for ten minutes, and checking
 * its signature costs more than placing an order does: those used last are remembered until they expire.
 *
 * @param max tokens that are remembered
 */
export function verifierOf(keys: JWTVerifyGetKey, max: number = verifiedMax): TokenVerifier {
  const verified = new Map<string, { claims: AccessTokenClaims; expiresAt: number }>() // the longest unused first
  return async (token) => {
    const known = verified.get(token)
    verified.delete(token)
    const good = known !== undefined && known.expiresAt > Date.now() ? known : await verify(keys, token)
    const unused = verified.keys().next()
    if (verified.size >= max && !unused.done) verified.delete(unused.value)
    verified.set(token, good)
    return good.claims
  }
}

const bearerOf = (ctx: Context) => /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('authorization'))?.[1]

function subjectOf(token: string): string | undefined {
  try {
    return decodeJwt(token).sub
  } catch {
    return undefined
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
