import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accessTokenClaimsShape } from '@mytaek1/contracts/access-token.ts'
import { remoteTokenVerifier } from '@mytaek1/platform/auth.ts'
import { ApiClient } from '../testing/api-client.ts'
import { signedIn, testPassword } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()

describe('sign-up', () => {
  test('answers the account with a stream key, and only its hash is kept', async () => {
    const input = { email: 'Ann@Example.com', password: testPassword, displayName: 'Ann' }
    const account = await app.anonymous.expect(201, 'POST', '/accounts', input)
    assert.match(account.streamKey, /^mtk_[a-z2-7]{32}$/)
    assert.equal(account.email, 'ann@example.com')
    assert.equal(account.role, 'seller')
    const rows = JSON.stringify([await app.db('accounts').select(), await app.db('stream_keys').select()])
    assert.ok(!rows.includes(account.streamKey))
    assert.ok(!rows.includes(testPassword))
    assert.match(rows, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('refuses an e-mail address that has an account, in whatever case', async () => {
    const input = { email: 'twice@example.com', password: testPassword, displayName: 'A' }
    await app.anonymous.expect(201, 'POST', '/accounts', input)
    const body = await app.anonymous.expect(409, 'POST', '/accounts', { ...input, email: ' TWICE@example.com'.trim() })
    assert.equal(body.code, 'email_taken')
  })

  test('two sign-ups of one address at once make one account', async () => {
    const input = { email: 'race@example.com', password: testPassword, displayName: 'A' }
    const answers = await Promise.all([1, 2, 3].map(() => app.anonymous.post('/accounts', input)))
    assert.deepEqual(
      answers.map((answer) => answer.status).sort((a, b) => a - b),
      [201, 409, 409],
    )
  })

  test('names every bad field', async () => {
    const body = await app.anonymous.expect(400, 'POST', '/accounts', { email: 'x', password: 'short', role: 'admin' })
    assert.equal(body.code, 'invalid_request')
    assert.deepEqual(body.errors.map((each: { path: string }) => each.path).sort(), [
      'body',
      'displayName',
      'email',
      'password',
    ])
  })
})

describe('sessions', () => {
  test('an access token verifies against the JWKS and carries who it is', async () => {
    const seller = await signedIn(app.url, 'Joon')
    const claims = await remoteTokenVerifier(`${app.url}/api/commerce/v1/jwks.json`)(seller.token ?? '')
    assert.equal(claims.sub, seller.id)
    assert.equal(claims.name, 'Joon')
    assert.equal(claims.role, 'seller')
    accessTokenClaimsShape.parse(claims)
  })

  test('a refresh gives a new token and a new cookie', async () => {
    const caller = await signedIn(app.url)
    const before = caller.cookie
    const session = await caller.expect(201, 'POST', '/sessions/refresh')
    assert.notEqual(caller.cookie, before)
    caller.token = session.accessToken
    await caller.expect(200, 'GET', '/accounts/me')
  })

  /** A client with the same cookie: another tab, or a thief. */
  const twinOf = (caller: ApiClient) => Object.assign(new ApiClient(app.url), { cookie: caller.cookie })
  /** As if all that was used of refresh tokens had been so long ago. */
  const passed = (seconds: number) =>
    app.db('refresh_tokens').update({ used_at: app.db.raw('used_at - INTERVAL ? SECOND', [seconds]) })

  test('a refresh cookie used again after ten seconds ends the session for whoever holds it', async () => {
    const caller = await signedIn(app.url)
    const stolen = twinOf(caller)
    await caller.expect(201, 'POST', '/sessions/refresh')
    await passed(11)
    const refusal = await stolen.expect(401, 'POST', '/sessions/refresh')
    assert.equal(refusal.code, 'session_ended')
    await caller.expect(401, 'POST', '/sessions/refresh')
  })

  test('tabs that refresh at once with one cookie, and a reload that never saw the answer, stay signed in', async (t) => {
    const caller = await signedIn(app.url)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // ten seconds from the first use, which pass as said here alone
    const tabs = [1, 2, 3, 4].map(() => twinOf(caller))
    await Promise.all(tabs.map((tab) => tab.expect(201, 'POST', '/sessions/refresh')))
    await passed(9)
    await caller.expect(201, 'POST', '/sessions/refresh')
    assert.equal(new Set([caller, ...tabs].map(({ cookie }) => cookie)).size, 5)
    await passed(3_600)
    const session = await caller.expect(201, 'POST', '/sessions/refresh')
    caller.token = session.accessToken
    await caller.expect(200, 'GET', '/accounts/me')
  })

  for (const first of ['owner', 'thief'] as const) {
    test(`a thief quick enough to refresh with the owner is found out when the ${first} is the first to go on`, async () => {
      const owner = await signedIn(app.url)
      const thief = twinOf(owner)
      for (const each of [owner, thief]) await each.expect(201, 'POST', '/sessions/refresh')
      await passed(60)
      const [early, late] = first === 'owner' ? [owner, thief] : [thief, owner]
      await early.expect(201, 'POST', '/sessions/refresh')
      await passed(60)
      await late.expect(401, 'POST', '/sessions/refresh')
      await early.expect(401, 'POST', '/sessions/refresh')
    })
  }

  test('an ended session has no grace', async () => {
    const caller = await signedIn(app.url)
    const tab = twinOf(caller)
    caller.token = (await caller.expect(201, 'POST', '/sessions/refresh')).accessToken
    await caller.expect(204, 'DELETE', '/sessions/current')
    await tab.expect(401, 'POST', '/sessions/refresh')
  })

  test('the cookie is for no script and no other site', async () => {
    const { email } = await signedIn(app.url)
    const answer = await app.anonymous.post('/sessions', { email, password: testPassword })
    assert.match(
      answer.headers.get('set-cookie') ?? '',
      /^mytaek1-refresh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=/,
    )
    const secure = await app.anonymous.post(
      '/sessions',
      { email, password: testPassword },
      { 'x-forwarded-proto': 'https' },
    )
    assert.match(
      secure.headers.get('set-cookie') ?? '',
      /^__Host-mytaek1-refresh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure;/,
    )
  })

  test('another site cannot refresh', async () => {
    const caller = await signedIn(app.url)
    const answer = await caller.post('/sessions/refresh', undefined, { 'sec-fetch-site': 'cross-site' })
    assert.equal(answer.status, 403)
    await caller.expect(201, 'POST', '/sessions/refresh')
  })

  test('guesses of one account’s password are counted, also those sent at once; a right password in time is not', async () => {
    const { email } = await signedIn(app.url)
    const guess = (password: string) => app.anonymous.post('/sessions', { email, password })
    for (let index = 0; index < 12; index += 1) assert.equal((await guess(testPassword)).status, 201)
    const answers = await Promise.all(Array.from({ length: 14 }, (_, index) => guess(`wrong password ${index}`)))
    assert.equal(answers.filter((answer) => answer.status === 401).length, 10)
    const refused = answers.find((answer) => answer.status === 429)
    assert.equal(refused?.body.code, 'rate_limited')
    assert.ok(Number(refused?.headers.get('retry-after')) > 0)
    assert.equal((await guess(testPassword)).status, 429)
  })

  test('sign-out ends the session', async () => {
    const caller = await signedIn(app.url)
    const { cookie } = caller
    await caller.expect(204, 'DELETE', '/sessions/current')
    caller.cookie = cookie
    await caller.expect(401, 'POST', '/sessions/refresh')
  })
})

describe('stream key', () => {
  test('a rotated key is another, shown once, with its last characters to recognise it by', async () => {
    const seller = await signedIn(app.url)
    const { streamKey } = await seller.expect(200, 'POST', '/stream-key/rotate')
    assert.notEqual(streamKey, seller.streamKey)
    const account = await seller.expect(200, 'GET', '/accounts/me')
    assert.equal(account.streamKey.last4, streamKey.slice(-4))
    assert.ok(!JSON.stringify(account).includes(streamKey))
  })

  test('a revoked key is gone until it is rotated', async () => {
    const seller = await signedIn(app.url)
    await seller.expect(204, 'DELETE', '/stream-key')
    const refusal = await seller.expect(409, 'POST', '/broadcasts', { title: 'Tea', productIds: [] })
    assert.equal(refusal.code, 'stream_key_revoked')
    await seller.expect(200, 'POST', '/stream-key/rotate')
    await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea', productIds: [] })
  })
})

describe('roles', () => {
  test('only an admin changes roles and revokes keys of others, and a viewer cannot sell', async () => {
    const [admin, seller] = [await signedIn(app.url), await signedIn(app.url)]
    await seller.expect(403, 'PUT', `/accounts/${admin.id}/role`, { role: 'viewer' })
    await app.db('accounts').where('id', admin.id).update({ role: 'admin' })
    admin.token = (await admin.expect(201, 'POST', '/sessions/refresh')).accessToken
    await admin.expect(204, 'DELETE', `/accounts/${seller.id}/stream-key`)
    await admin.expect(204, 'PUT', `/accounts/${seller.id}/role`, { role: 'viewer' })
    await seller.expect(401, 'POST', '/sessions/refresh')
    const { accessToken } = await seller.expect(201, 'POST', '/sessions', {
      email: seller.email,
      password: testPassword,
    })
    seller.token = accessToken
    await seller.expect(403, 'POST', '/products', { name: 'Tea', price: { amount: 1, currency: 'KRW' }, stock: 1 })
    await admin.expect(404, 'PUT', '/accounts/nobody/role', { role: 'viewer' })
  })
})
