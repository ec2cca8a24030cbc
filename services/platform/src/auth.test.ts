import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { tokenAudience, tokenIssuer } from '@mytaek1/contracts/access-token.ts'
import { localTokenVerifier } from './auth.ts'

const { privateKey, publicKey } = await generateKeyPair('EdDSA')
const stranger = await generateKeyPair('EdDSA')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'EdDSA' }] }
const refused = { code: 'unauthenticated' }

const token = (key: CryptoKey, { expiresIn = 600, audience = tokenAudience } = {}) =>
  new SignJWT({ role: 'viewer', name: 'Mina', sid: 'ses_1' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setSubject('acc_1')
    .setIssuer(tokenIssuer)
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresIn)
    .sign(key)

test('a token of ours tells who sent it, the first time and again', async () => {
  const verify = localTokenVerifier(jwks)
  const ours = await token(privateKey)
  for (let n = 0; n < 2; n += 1) assert.equal((await verify(ours)).sub, 'acc_1')
})

test('a token of another key, for another audience, changed, or expired is refused, the first time and again', async () => {
  const verify = localTokenVerifier(jwks)
  const ours = await token(privateKey)
  await verify(ours)
  const [header, , signature] = ours.split('.')
  const claims = Buffer.from(JSON.stringify({ sub: 'acc_2', role: 'admin' })).toString('base64url')
  const bad = [
    await token(stranger.privateKey),
    await token(privateKey, { audience: 'elsewhere' }),
    await token(privateKey, { expiresIn: -1 }),
    `${header}.${claims}.${signature}`,
    `${ours}x`,
  ]
  for (const each of [...bad, ...bad]) await assert.rejects(verify(each), refused)
})

test('a token that was good is refused once it has expired', async (t) => {
  const verify = localTokenVerifier(jwks)
  const ours = await token(privateKey, { expiresIn: 60 })
  await verify(ours)
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 })
  await assert.rejects(verify(ours), refused)
})
