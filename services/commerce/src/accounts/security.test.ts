/** That strangers lock nobody out, and what an owner can do about an account. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aBroadcast, aProduct, signedIn, testPassword, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { noMails } from '../mail/enqueue-mail.ts'
import { changePassword } from './change-password.ts'
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts'
import { findByEmail, signIn as openSession } from './sign-in.ts'

const app = await startTestApp({ LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT: '25' })
const hasher = await createPasswordHasher()
let addresses = 0
/** One that nobody has called from yet. */
const someAddress = () => `198.51.${(addresses += 1) >> 8}.${addresses & 255}`

/** Signs in from an address, with a browser's cookies; answers the status and the cookies. */
async function signIn(email: string, password: string, from: string, cookie = '') {
  const answer = await app.anonymous.post('/sessions', { email, password }, { 'x-forwarded-for': from, cookie })
  const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0])
  return { status: answer.status, body: answer.body, device: cookies.find((one) => one?.includes('device')) ?? '' }
}

test('a stranger’s wrong passwords do not lock the owner out', async () => {
  const { email } = await signedIn(app.url)
  const [stranger, home] = [someAddress(), someAddress()]
  const guesses = []
  for (let n = 0; n < 12; n += 1) guesses.push((await signIn(email, `wrong password ${n}`, stranger)).status)
  assert.deepEqual([guesses.filter((status) => status === 401).length, guesses.at(-1)], [10, 429])
  assert.equal((await signIn(email, testPassword, stranger)).status, 429)
  assert.equal((await signIn(email, testPassword, home)).status, 201)
})

test('guesses from everywhere lock new browsers out, and not one that its owner has used', async () => {
  const { email } = await signedIn(app.url)
  const { device } = await signIn(email, testPassword, someAddress())
  assert.match(device, /^mytaek1-device=/)
  for (let n = 0; n < 25; n += 1) await signIn(email, `wrong password ${n}`, someAddress())
  assert.equal((await signIn(email, testPassword, someAddress())).status, 429)
  assert.equal((await signIn(email, testPassword, someAddress(), device)).status, 201)
  const forged = device.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  assert.equal((await signIn(email, testPassword, someAddress(), forged)).status, 429)
  const other = await signedIn(app.url)
  for (let n = 0; n < 25; n += 1) await signIn(other.email, `wrong password ${n}`, someAddress())
  assert.equal((await signIn(other.email, testPassword, someAddress(), device)).status, 429)
})

test('a known browser has ten guesses, too', async () => {
  const { email } = await signedIn(app.url)
  const { device } = await signIn(email, testPassword, someAddress())
  const statuses = []
  for (let n = 0; n < 11; n += 1) statuses.push((await signIn(email, `wrong ${n}`, someAddress(), device)).status)
  assert.deepEqual([statuses.filter((status) => status === 401).length, statuses.at(-1)], [10, 429])
})

test('a password is changed by who knows it; other sessions end and this one stays', async () => {
  const account = await signedIn(app.url)
  const other = await anotherSession(account)
  const change = (currentPassword: string, newPassword: string, status: number) =>
    account.expect(status, 'PUT', '/accounts/me/password', { currentPassword, newPassword })
  assert.equal((await change('not the password', 'a new password 7', 403)).code, 'wrong_password')
  assert.equal((await change(testPassword, 'password123', 422)).code, 'weak_password')
  await change(testPassword, 'a new password 7', 204)
  await account.expect(200, 'GET', '/accounts/me')
  await other.expect(401, 'GET', '/accounts/me')
  await other.expect(401, 'POST', '/sessions/refresh')
  assert.equal((await signIn(account.email, testPassword, someAddress())).status, 401)
  assert.equal((await signIn(account.email, 'a new password 7', someAddress())).status, 201)
})

test('who guesses from a session that is not theirs has its share of guesses, from however many addresses', async () => {
  const account = await signedIn(app.url)
  const own = await anotherSession(account)
  const guess = async (session: { call: TestAccount['call'] }, currentPassword: string) => {
    const body = { currentPassword, newPassword: 'a new password 7' }
    return (await session.call('PUT', '/accounts/me/password', body, { 'x-forwarded-for': someAddress() })).status
  }
  for (let n = 0; n < 25; n += 1) assert.equal(await guess(account, `wrong password ${n}`), 403)
  assert.equal(await guess(account, 'wrong password'), 429)
  assert.equal(await guess(own, testPassword), 204)
})

test('what was begun with the old password comes to nothing once the password has changed', async () => {
  const { id: accountId, email } = await signedIn(app.url)
  const [now, sessionId] = [new Date(), '']
  const change = (by: PasswordHasher, newPassword: string) =>
    changePassword(
      { db: app.db, hasher: by, mails: noMails, now },
      { accountId, sessionId, currentPassword: testPassword, newPassword },
    )
  // the owner's change is committed after this one's password was looked at, and before anything is written
  const overtaken = (newPassword: string): PasswordHasher => ({
    ...hasher,
    verify: async (hash, password) => {
      const matches = await hasher.verify(hash, password)
      await app
        .db('accounts')
        .where('id', accountId)
        .update({ password_hash: await hasher.hash(newPassword) })
      return matches
    },
  })
  const account = await findByEmail(app.db, email)
  const late = openSession({ db: app.db, hasher: overtaken('a new password 7'), now }, account, {
    password: testPassword,
  })
  await assert.rejects(late, { code: 'bad_credentials' })
  assert.equal((await signIn(email, 'a new password 7', someAddress())).status, 201)
  await app
    .db('accounts')
    .where('id', accountId)
    .update({ password_hash: await hasher.hash(testPassword) })
  await assert.rejects(change(overtaken('a new password 8'), 'the thief’s password'), { code: 'wrong_password' })
  assert.equal((await signIn(email, 'a new password 8', someAddress())).status, 201)
})

test('an account sees where it is signed in and ends the other sessions', async () => {
  const account = await signedIn(app.url)
  const other = await anotherSession(account)
  const { items } = await account.expect(200, 'GET', '/sessions')
  assert.deepEqual(
    items.map(({ current }: { current: boolean }) => current),
    [false, true],
  )
  await account.expect(204, 'DELETE', '/sessions/others')
  await other.expect(401, 'GET', '/accounts/me')
  assert.equal((await account.expect(200, 'GET', '/sessions')).items.length, 1)
})

test('a deleted account is gone: its name, address, key and listings; its orders stay, and the address is free', async () => {
  const account = await signedIn(app.url)
  const product = await aProduct(account, { stock: 5 })
  const broadcast = await aBroadcast(account, [product.id])
  const erase = (status: number, password = testPassword) =>
    account.expect(status, 'POST', '/accounts/me/deletion', { password })
  assert.equal((await erase(403, 'not the password')).code, 'wrong_password')
  assert.equal((await erase(409)).code, 'account_in_use')
  await account.expect(200, 'POST', `/broadcasts/${broadcast.id}/end`)
  const bought = await aProduct(await signedIn(app.url))
  const key = { 'idempotency-key': randomUUID() }
  const order = await account.expect(201, 'POST', '/orders', { productId: bought.id, quantity: 1 }, key)
  assert.equal((await erase(409)).code, 'account_in_use')
  await app.db('orders').where('id', order.id).update({ state: 'PAID' })
  await erase(204)
  await account.expect(401, 'GET', '/accounts/me')
  assert.equal((await signIn(account.email, testPassword, someAddress())).status, 401)
  const { display_name: name, email } = await app.db('accounts').where('id', account.id).first()
  assert.deepEqual([name, email.includes('@')], ['—', false])
  assert.equal((await app.anonymous.expect(200, 'GET', `/products/${product.id}`)).listed, false)
  assert.equal((await app.db('orders').where('id', order.id).first()).buyer_id, account.id)
  const again = { email: account.email, password: testPassword, displayName: 'Mina' }
  await app.anonymous.expect(201, 'POST', '/accounts', again)
})

async function anotherSession({ email }: TestAccount) {
  const other = Object.assign(await signedIn(app.url), { cookie: undefined })
  const session = await other.expect(201, 'POST', '/sessions', { email, password: testPassword })
  return Object.assign(other, { token: session.accessToken })
}
