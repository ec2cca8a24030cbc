import { createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, importPKCS8, SignJWT, type JSONWebKeySet } from 'jose'
import {
  accessTokenSeconds,
  tokenAudience,
  tokenIssuer,
  type AccessTokenClaims,
} from '@mytaek1/contracts/access-token.ts'

/** Signs access tokens and tells the public key that verifies them. */
export interface TokenIssuer {
  issue(claims: AccessTokenClaims, now: Date): Promise<{ accessToken: string; expiresAt: Date }>
  jwks: JSONWebKeySet
}

/**
 * Makes the issuer from an Ed25519 private key (PEM, PKCS 8).
 *
 * The key's id is its RFC 7638 thumbprint, so every commerce Pod names it alike and a changed key has another name.
 *
 * @param otherPems keys that sign nothing here and are published all the same: the next one before it signs, so that all who
 *   verify know it by then, and the last one until its tokens are over.
 */
export async function createTokenIssuer(privateKeyPem: string, ...otherPems: string[]): Promise<TokenIssuer> {
  const privateKey = await importPKCS8(privateKeyPem, 'EdDSA')
  const own = await publicJwkOf(privateKeyPem)
  const { kid } = own
  return {
    jwks: { keys: [own, ...(await Promise.all(otherPems.map(publicJwkOf)))] },
    issue: async (claims, now) => {
      const issuedAt = Math.floor(now.getTime() / 1_000)
      const accessToken = await new SignJWT({ role: claims.role, name: claims.name, sid: claims.sid })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setSubject(claims.sub)
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .sign(privateKey)
      return { accessToken, expiresAt: new Date((issuedAt + accessTokenSeconds) * 1_000) }
    },
  }
}

async function publicJwkOf(privateKeyPem: string) {
  const publicJwk = await exportJWK(createPublicKey(privateKeyPem))
  return { ...publicJwk, kid: await calculateJwkThumbprint(publicJwk), alg: 'EdDSA', use: 'sig' }
}
