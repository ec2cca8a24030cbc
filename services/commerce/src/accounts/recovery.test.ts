import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startMailSink } from '../mail/sink.ts'
import { eventually } from '../testing/eventually.ts'
import { ApiClient } from '../testing/api-client.ts'
import { signedIn, testPassword } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const sink = await startMailSink({ smtpPort: 0, httpPort: 0 })
after(() => sink.stop())
const app = await startTestApp({
  SMTP_HOST: '127.0.0.1',
  SMTP_PORT: `${sink.smtpPort}`,
  SMTP_TLS: 'none',
  MAIL_FROM: 'shop@example.com',
  PUBLIC_HTTP_URL: 'https://shop.example',
})
const newPassword = 'a new battery staple'

/** The mails to an address with a page in them, once there are so many. */
const mailsWith = (email: string, page: string, count = 1) =>
  eventually(`${count} mails with ${page}`, async () => {
    const some = sink.mails.filter((mail) => mail.to.includes(email) && mail.text.includes(page))
    return some.length >= count ? some : undefined
  })
async function tokenOf(email: string, page: 'reset' | 'verify', count = 1): Promise<string> {
  const mails = await mailsWith(email, `/account/${page}#`, count)
  return /#(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? ''
}
const forgot = (email: string) => app.anonymous.expect(202, 'POST', '/password-resets', { email })
const use = (token: string, password = newPassword) =>
  app.anonymous.post('/password-resets/use', { token, newPassword: password })

describe('a forgotten password', () => {
  test('is set anew by the link of a mail, once; the old one and all sessions are over', async () => {
    const owner = await signedIn(app.url)
    await forgot(owner.email)
    const token = await tokenOf(owner.email, 'reset')
    assert.match(token, /^[\w-]{43}$/) // 256 bits
    assert.equal((await use(token, 'password')).status, 422) // a weak one does not use the link up
    assert.equal((await use(token)).status, 204)
    assert.equal((await use(token)).body.code, 'link_ended')
    await owner.expect(401, 'GET', '/accounts/me')
    await owner.expect(401, 'POST', '/sessions/refresh')
    const signIn = (password: string) => app.anonymous.post('/sessions', { email: owner.email, password })
    assert.equal((await signIn(testPassword)).status, 401)
    assert.equal((await signIn(newPassword)).status, 201)
    await eventually('a mail of the change', async () =>
      sink.mails.some(({ to, text }) => to.includes(owner.email) && text.includes('변경되었고')) ? true : undefined,
    )
  })

  test('has a token that is nowhere in the database, and whose mail is in the account’s language', async () => {
    const email = 'english@example.com'
    const body = { email, password: testPassword, displayName: 'Win a prize: evil.example', locale: 'en' }
    await app.anonymous.expect(201, 'POST', '/accounts', body)
    await forgot(email)
    const token = await tokenOf(email, 'reset')
    const rows = JSON.stringify([await app.db('account_links').select(), await app.db('mail_outbox').select()])
    assert.ok(!rows.includes(token))
    await mailsWith(email, '/account/verify#') // which may be sent after the other
    const mails = sink.mails.filter(({ to }) => to.includes(email))
    assert.deepEqual(mails.map(({ subject }) => subject).toSorted(), [
      'Confirm your e-mail address',
      'Set a new password',
    ])
    assert.ok(!JSON.stringify(mails).includes('evil.example')) // a stranger chose the name, and the address
  })

  test('is answered in the same way for an address without an account, which is sent nothing', async () => {
    const email = 'nobody@example.com'
    const statements: string[] = []
    const listen = ({ sql }: { sql: string }) => void statements.push(sql)
    const during = async (address: string) => {
      statements.length = 0
      app.db.on('query', listen)
      const answer = await app.anonymous.post('/password-resets', { email: address })
      app.db.removeListener('query', listen)
      return { answer, wrote: statements.filter((sql) => /^insert/i.test(sql)) }
    }
    const owner = await signedIn(app.url)
    const [known, unknown] = [await during(owner.email), await during(email)]
    assert.deepEqual([known.answer.status, known.answer.body], [unknown.answer.status, unknown.answer.body])
    assert.equal(known.wrote.length, 2)
    assert.deepEqual(unknown.wrote, known.wrote) // the same statements, so the same time
    await tokenOf(owner.email, 'reset')
    await eventually('its row is gone', async () =>
      (await app.db('mail_outbox').whereNull('account_id').first()) ? undefined : true,
    )
    assert.ok(!sink.mails.some(({ to }) => to.includes(email)))
  })

  test('brings an address three mails an hour, and strangers are told nothing of that', async () => {
    const owner = await signedIn(app.url)
    for (let index = 0; index < 5; index += 1) await forgot(owner.email)
    await mailsWith(owner.email, '/account/reset#', 3)
    const rows = await app.db('mail_outbox').where({ account_id: owner.id, kind: 'password_reset' })
    assert.equal(rows.length, 3)
    const links = sink.mails.filter(({ to, text }) => to.includes(owner.email) && text.includes('/account/reset#'))
    const tokens = links.map(({ text }) => /#(\S+)/.exec(text)?.[1] ?? '')
    assert.equal((await use(tokens[0] ?? '')).status, 204) // the first stays good beside the others
    assert.equal((await use(tokens[1] ?? '')).status, 410) // and all are used up with it
  })

  test('is not set anew by a link from before its owner chose another password', async () => {
    const owner = await signedIn(app.url)
    await forgot(owner.email)
    const token = await tokenOf(owner.email, 'reset')
    const change = { currentPassword: testPassword, newPassword: 'the owner’s own choice' }
    await owner.expect(204, 'PUT', '/accounts/me/password', change)
    assert.equal((await use(token)).status, 410)
  })

  test('ends the block that strangers’ guesses brought', async () => {
    const owner = await signedIn(app.url)
    const stranger = new ApiClient(app.url)
    const guess = (password: string) => stranger.post('/sessions', { email: owner.email, password })
    for (let index = 0; index < 10; index += 1) await guess(`wrong guess ${index}`)
    assert.equal((await guess(testPassword)).status, 429)
    await forgot(owner.email)
    assert.equal((await use(await tokenOf(owner.email, 'reset'))).status, 204)
    assert.equal((await guess(newPassword)).status, 201)
  })

  test('cannot be set by a link that has run out', async () => {
    const owner = await signedIn(app.url)
    await forgot(owner.email)
    const token = await tokenOf(owner.email, 'reset')
    await app
      .db('account_links')
      .where('account_id', owner.id)
      .update({ expires_at: new Date(Date.now() - 1) })
    assert.equal((await use(token)).status, 410)
  })

  test('clients that ask for many links are refused', async () => {
    const limited = await startTestApp({
      LIMIT_RECOVERIES_PER_HOUR: '2',
      SMTP_HOST: '127.0.0.1',
      MAIL_FROM: 'a@b.example',
    })
    const from = { 'x-forwarded-for': '198.51.100.77' }
    const ask = (n: number) => limited.anonymous.post('/password-resets', { email: `x${n}@example.com` }, from)
    assert.deepEqual([(await ask(1)).status, (await ask(2)).status, (await ask(3)).status], [202, 202, 429])
  })
})

describe('an e-mail address', () => {
  test('is verified by the link that sign-up sends, once', async () => {
    const owner = await signedIn(app.url)
    assert.equal((await owner.expect(200, 'GET', '/accounts/me')).emailVerified, false)
    const token = await tokenOf(owner.email, 'verify')
    await app.anonymous.expect(204, 'POST', '/email-verifications', { token })
    assert.equal((await owner.expect(200, 'GET', '/accounts/me')).emailVerified, true)
    await app.anonymous.expect(410, 'POST', '/email-verifications', { token })
    await owner.expect(409, 'POST', '/accounts/me/verification-mails')
  })

  test('is not verified by a link that resets a password, and the other way round', async () => {
    const owner = await signedIn(app.url)
    const verify = await tokenOf(owner.email, 'verify')
    assert.equal((await use(verify)).status, 410)
    await forgot(owner.email)
    await app.anonymous.expect(410, 'POST', '/email-verifications', { token: await tokenOf(owner.email, 'reset') })
  })

  test('is sent another link when its owner asks, three an hour with that of sign-up', async () => {
    const owner = await signedIn(app.url)
    const ask = async () => (await owner.post('/accounts/me/verification-mails')).status
    assert.deepEqual([await ask(), await ask(), await ask()], [202, 202, 429]) // the first was that of sign-up
    await mailsWith(owner.email, '/account/verify#', 3)
  })

  test('that strangers sign up with again and again is sent three links an hour', async () => {
    const body = { email: 'stranger@example.com', password: testPassword, displayName: 'Ann' }
    for (let index = 0; index < 5; index += 1) {
      await app.anonymous.expect(201, 'POST', '/accounts', body)
      await app.anonymous.expect(409, 'POST', '/accounts', body) // counts nothing
      await app
        .db('accounts')
        .where('email', body.email)
        .update({ email: `${index}.deleted` })
    }
    // not their mails: the sender drops those of accounts that have no address any more, sooner or later
    const mine = await app.db('accounts').where('email', 'like', '%.deleted').pluck('id')
    assert.equal((await app.db('account_links').whereIn('account_id', mine)).length, 3)
  })

  test('has mails in the language that the account says', async () => {
    const owner = await signedIn(app.url)
    await owner.expect(204, 'PUT', '/accounts/me/locale', { locale: 'en' })
    await owner.expect(400, 'PUT', '/accounts/me/locale', { locale: 'tlh' })
    await forgot(owner.email)
    assert.equal((await mailsWith(owner.email, '/account/reset#'))[0]?.subject, 'Set a new password')
  })

  test('of a deleted account is forgotten with its links and mails', async () => {
    const owner = await signedIn(app.url)
    await tokenOf(owner.email, 'verify')
    await owner.expect(204, 'POST', '/accounts/me/deletion', { password: testPassword })
    assert.deepEqual(await app.db('account_links').where('account_id', owner.id), [])
  })
})

test('a client that signs up many strangers has mails sent to some of them, and resets are not used up by that', async () => {
  const limited = await startTestApp({
    LIMIT_RECOVERIES_PER_HOUR: '2',
    SMTP_HOST: '127.0.0.1',
    MAIL_FROM: 'a@b.example',
  })
  const from = { 'x-forwarded-for': '198.51.100.78' }
  for (let index = 0; index < 4; index += 1) {
    const body = { email: `s${index}@example.com`, password: testPassword, displayName: 'Ann' }
    assert.equal((await limited.anonymous.post('/accounts', body, from)).status, 201)
  }
  assert.equal((await limited.db('mail_outbox').where({ kind: 'verify_email' })).length, 2)
  assert.equal((await limited.anonymous.post('/password-resets', { email: 's0@example.com' }, from)).status, 202)
})

test('a platform without a mail server says so, and signs people up all the same', async () => {
  const without = await startTestApp()
  const owner = await signedIn(without.url)
  const told = await without.anonymous.expect(409, 'POST', '/password-resets', { email: owner.email })
  assert.equal(told.code, 'mail_off')
  assert.equal((await owner.expect(409, 'POST', '/accounts/me/verification-mails')).code, 'mail_off')
  assert.deepEqual(await without.db('mail_outbox'), [])
})
