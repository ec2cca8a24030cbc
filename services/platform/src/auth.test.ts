import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { tokenAudience, tokenIssuer } from '@mytaek1/contracts/access-token.ts'
import type { Context } from 'koa'
import { isAskedBy, localTokenVerifier, verifierOf } from './auth.ts'

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

test('of the tokens that are remembered, the one that was used longest ago goes first', async () => {
  let checked = 0
  const verify = verifierOf(() => {
    checked += 1
    return publicKey
  }, 2)
  const [one, two, three] = [
    await token(privateKey),
    await token(privateKey, { expiresIn: 601 }),
    await token(privateKey, { expiresIn: 602 }),
  ]
  await verify(one)
  await verify(two)
  await verify(one) // so two is the one that was not used
  await verify(three)
  assert.equal(checked, 3)
  await verify(one)
  assert.equal(checked, 3)
  await verify(two)
  assert.equal(checked, 4)
})

test('only a good token of an account itself says that the account asks, and no other has its signature checked', async () => {
  let verified = 0
  const local = localTokenVerifier(jwks)
  const isFrom = (authorization: string, accountId = 'acc_1') =>
    isAskedBy(
      { get: () => authorization } as unknown as Context,
      (each) => {
        verified += 1
        return local(each)
      },
      accountId,
    )
  assert.equal(await isFrom(`Bearer ${await token(privateKey)}`), true)
  assert.equal(await isFrom(`Bearer ${await token(stranger.privateKey)}`), false)
  assert.equal(verified, 2)
  assert.equal(await isFrom(`Bearer ${await token(privateKey)}`, 'acc_2'), false)
  for (const bad of ['', 'Bearer x', 'Bearer x.y.z', 'Basic eA==']) assert.equal(await isFrom(bad), false)
  assert.equal(verified, 2)
})
