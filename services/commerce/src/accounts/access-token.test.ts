import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { localTokenVerifier } from '@mytaek1/platform/auth.ts'
import { createTokenIssuer } from './access-token.ts'

const aKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const claims = { sub: 'acc_1', role: 'viewer' as const, name: 'Mina', sid: 'ses_1' }

test('while the signing key is changed, tokens of every Pod are good at every Pod; and the old key’s no more after', async () => {
  const [old, next] = [aKey(), aKey()]
  const pods = await Promise.all([
    createTokenIssuer(old),
    createTokenIssuer(old, next),
    createTokenIssuer(next, old),
    createTokenIssuer(next),
  ])
  assert.deepEqual(
    pods.map(({ jwks }) => new Set(jwks.keys.map(({ kid }) => kid)).size),
    [1, 2, 2, 1],
  )
  assert.doesNotMatch(JSON.stringify(pods.map(({ jwks }) => jwks)), /"d":/) // no private half is published
  for (const [index, issuer] of pods.entries()) {
    const { accessToken } = await issuer.issue(claims, new Date())
    // a roll-out has Pods of two neighbouring steps at once
    for (const { jwks } of pods.slice(Math.max(0, index - 1), index + 2)) {
      assert.equal((await localTokenVerifier(jwks)(accessToken)).sub, 'acc_1')
    }
  }
  const [first, , , last] = pods
  assert.ok(first && last)
  const { accessToken } = await first.issue(claims, new Date())
  await assert.rejects(localTokenVerifier(last.jwks)(accessToken), { code: 'unauthenticated' })
})
