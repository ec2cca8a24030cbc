import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, expectStatus } from '../../framework/http.ts'
import { signUp } from '../../framework/people.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const commerce = '/api/commerce/v1'
const mailSeconds = 60

interface Mail {
  subject: string
  text: string
}

/** The token of the newest mail to an address that leads to a page; the sink shows what would have been sent. */
async function tokenFor(email: string, page: 'verify' | 'reset'): Promise<string> {
  return await waitFor(`a mail to ${email} with a link to ${page}`, mailSeconds, async () => {
    const answer = await expectStatus(200, 'GET', `/mail-sink/mails.json?to=${encodeURIComponent(email)}`)
    const mails = answer.body['mails'] as Mail[]
    const links = mails.map(({ text }) => new RegExp(`/account/${page}#(\\S+)`).exec(text)?.[1])
    return links.find((link) => link !== undefined) ?? notYet(mails.map(({ subject }) => subject))
  })
}

test('mail verifies an address, and resets a forgotten password: the old one and its sessions are over', async (t) => {
  const person = await signUp('forgetful')
  const me = async () => await call('GET', `${commerce}/accounts/me`, { token: person.token })
  const signIn = async (password: string) =>
    await call('POST', `${commerce}/sessions`, { body: { email: person.email, password } })
  const newPassword = `another horse ${randomUUID()}`

  await t.test('the link of the mail that sign-up sends verifies the address, once', async () => {
    assert.equal((await me()).body['emailVerified'], false)
    const token = await tokenFor(person.email, 'verify')
    await expectStatus(204, 'POST', `${commerce}/email-verifications`, { body: { token } })
    assert.equal((await me()).body['emailVerified'], true)
    await expectStatus(410, 'POST', `${commerce}/email-verifications`, { body: { token } })
  })

  await t.test('an address without an account is answered in the same way', async () => {
    const known = await call('POST', `${commerce}/password-resets`, { body: { email: person.email } })
    const unknown = await call('POST', `${commerce}/password-resets`, {
      body: { email: `${randomUUID()}@example.com` },
    })
    assert.deepEqual([known.status, known.text], [202, unknown.text])
    assert.equal(unknown.status, 202)
  })

  await t.test('the link of the mail sets a new password, once', async () => {
    const token = await tokenFor(person.email, 'reset')
    const body = { token, newPassword }
    await expectStatus(204, 'POST', `${commerce}/password-resets/use`, { body })
    await expectStatus(410, 'POST', `${commerce}/password-resets/use`, { body })
  })

  await t.test('the old password is refused, the new one is taken', async () => {
    assert.equal((await signIn(person.password)).status, 401)
    assert.equal((await signIn(newPassword)).status, 201)
  })

  await t.test('the session from before is refused by every Pod', async () => {
    await waitFor('the old access token to be refused', 90, async () => {
      const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await me()).status))
      return statuses.every((status) => status === 401) ? true : notYet(statuses)
    })
  })
})
