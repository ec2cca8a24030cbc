/** Mails that can be stopped by a click in the mail program (RFC 2369, RFC 8058): as a mail server took them, and by HTTP. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { patientRedisMs } from '@mytaek1/platform/testing/database.ts'
import { createCommerce } from '../commerce.ts'
import { enqueueMails, mailOutbox, type NewMail } from '../mail/enqueue-mail.ts'
import { createLinkTokens } from '../mail/link-tokens.ts'
import { enqueueLink } from '../mail/links.ts'
import { mailPurposes, type MailKind } from '../mail/mail.ts'
import { startMailSink } from '../mail/sink.ts'
import { createSmtp } from '../mail/smtp.ts'
import { createStopTokens } from '../mail/stop-tokens.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const sink = await startMailSink({ smtpPort: 0, httpPort: 0 })
after(() => sink.stop())
const app = await startTestApp({
  SMTP_HOST: '127.0.0.1',
  SMTP_PORT: String(sink.smtpPort),
  SMTP_TLS: 'none',
  MAIL_FROM: 'Shop <shop@example.com>',
  PUBLIC_HTTP_URL: 'https://shop.example',
})
const { db } = app
const secret = app.config.SERVICE_TOKEN
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const click = 'List-Unsubscribe=One-Click'

/** What this application logs, all of it. */
let logged = ''
const talkative = createLogger({ service: 'test', level: 'debug' }, { write: (line) => void (logged += line) })
const commerce = await createCommerce(app.config, talkative, patientRedisMs)
const server = await startHttpServer(commerce.app, { port: 0, host: '127.0.0.1' })
after(async () => {
  await server.close(1_000)
  await commerce.close()
})

/** As a mail program asks: no session, no cookie, and it follows nothing. */
const ask = (token: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.port}/api/commerce/v1/mail-stops/${token}`, {
    method: 'POST',
    headers: form,
    body: click,
    redirect: 'manual',
    ...init,
  })

/** The headers of a mail by name, their lines unfolded. */
function headersOf(raw: string): Map<string, string> {
  const [head = ''] = raw.split('\r\n\r\n', 1)
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

async function aFollower() {
  const [fan, seller] = [await signedIn(app.url, '앤'), await signedIn(app.url, '제주농장')]
  await fan.expect(200, 'PUT', `/follows/${seller.id}`, { notify: true })
  await mailsTo(fan, 1) // the one that verifies the address is not sent to one that is
  await db('accounts').where('id', fan.id).update({ email_verified_at: new Date(), locale: 'en' })
  const { id } = await aBroadcast(seller, [], '오늘 딴 감귤')
  const show = { kind: 'show_starts', accountId: fan.id, cause: id, data: { broadcastId: id, title: '감귤' } } as const
  const token = createStopTokens([secret]).make({ followerId: fan.id, sellerId: seller.id })
  return { fan, seller, show, token }
}

const wants = async (fan: TestAccount, seller: TestAccount): Promise<boolean> =>
  (await fan.expect(200, 'GET', `/follows/${seller.id}`)).notify

const enqueue = (...mails: NewMail[]) => inTransaction(db, (trx) => enqueueMails(trx, mails))

const mailsTo = ({ email }: TestAccount, count: number) =>
  eventually(`${count} mails`, () => {
    const mails = sink.mails.filter(({ to }) => to.includes(email))
    return Promise.resolve(mails.length >= count ? mails : undefined)
  })

describe('a mail', () => {
  test('that somebody asked for can be stopped by one click; one about money, goods or the account says nothing of it', async () => {
    const { fan, show } = await aFollower()
    const orderId = 'ord_1'
    const own = (cause: string) => ({ accountId: fan.id, cause })
    await enqueue(
      show,
      { kind: 'password_changed', data: {}, ...own('1') },
      { kind: 'order_paid', data: { orderId }, ...own('2') },
      { kind: 'order_refunded', data: { orderId, refunded: { amount: 100, currency: 'KRW' } }, ...own('3') },
      {
        kind: 'order_shipped',
        data: { orderId, carrier: 'CJ', trackingNumber: '1', trackingUrl: null },
        ...own('4'),
      },
    )
    const links = { mails: mailOutbox, tokens: createLinkTokens([secret]) }
    await inTransaction(db, (trx) => enqueueLink(trx, links, { purpose: 'password_reset', accountId: fan.id }))
    const kinds = Object.keys(mailPurposes) as MailKind[] // the one that verifies the address came with the account
    const rows = await db('mail_outbox')
      .where('account_id', fan.id)
      .select<{ id: string; kind: MailKind }[]>('id', 'kind')
    assert.deepEqual(rows.map(({ kind }) => kind).toSorted(), kinds.toSorted())
    for (const { id, kind } of rows) {
      const mail = await eventually(kind, () =>
        Promise.resolve(sink.mails.find(({ messageId }) => messageId.startsWith(`<${id}@`))),
      )
      const headers = headersOf(mail.raw)
      const isNews = mailPurposes[kind] === 'news'
      assert.equal(headers.get('list-unsubscribe-post'), isNews ? click : undefined, kind)
      assert.equal(headers.has('list-unsubscribe'), isNews, kind)
      assert.equal(headers.get('auto-submitted'), 'auto-generated')
    }
  })

  test('names one address, over HTTPS, that a POST of that form stops them at', async () => {
    const { fan, seller, show, token } = await aFollower()
    await enqueue(show)
    const mail = await eventually('the mail of the show', () =>
      Promise.resolve(sink.mails.find(({ to, raw }) => to.includes(fan.email) && /^List-Unsubscribe:/m.test(raw))),
    )
    const named = headersOf(mail.raw).get('list-unsubscribe')
    assert.equal(named, `<https://shop.example/api/commerce/v1/mail-stops/${token}>`)
    const { pathname } = new URL(named?.slice(1, -1) ?? '')
    const answer = await fetch(app.url + pathname, { method: 'POST', headers: form, body: click })
    assert.equal(answer.status, 204)
    assert.equal(await wants(fan, seller), false)
  })

  test('of a platform without TLS has a link to follow and promises no click', async () => {
    const send = createSmtp({
      host: '127.0.0.1',
      port: sink.smtpPort,
      tls: 'none',
      from: { name: '', address: 'shop@example.com' },
    })
    const stopUrl = 'http://shop.example/api/mail-stops/T'
    const content = { subject: 'Live now', text: 'Watch', html: '<p>Watch</p>' }
    await send({ id: 'mail_plain', date: new Date(), to: 'ann@example.com', content, stopUrl })
    const headers = headersOf(sink.mails.find(({ messageId }) => messageId.startsWith('<mail_plain@'))?.raw ?? '')
    assert.equal(headers.get('list-unsubscribe'), `<${stopUrl}>`)
    assert.equal(headers.has('list-unsubscribe-post'), false)
  })
})

describe('a click', () => {
  test('stops these mails, of this seller alone, as either form, as often as it is sent', async () => {
    const { fan, seller, token } = await aFollower()
    const other = await signedIn(app.url)
    await fan.expect(200, 'PUT', `/follows/${other.id}`, { notify: true })
    const parts = new FormData()
    parts.set('List-Unsubscribe', 'One-Click')
    const answers = [await ask(token, { headers: {}, body: parts }), await ask(token), await ask(token)]
    for (const answer of answers) {
      assert.equal(answer.status, 204)
      assert.equal(await answer.text(), '')
      assert.equal(answer.headers.get('set-cookie'), null)
      assert.equal(answer.headers.get('location'), null)
    }
    assert.deepEqual([await wants(fan, seller), await wants(fan, other)], [false, true])
  })

  test('of who does not follow any more, or is no more, is answered as any', async () => {
    const { fan, seller, token } = await aFollower()
    await fan.expect(204, 'DELETE', `/follows/${seller.id}`)
    assert.equal((await ask(token)).status, 204)
    await fan.expect(204, 'POST', '/accounts/me/deletion', { password: 'correct horse battery' })
    assert.equal((await ask(token)).status, 204)
  })

  test('by a token that no key of ours made says so, and stops nothing', async () => {
    const { fan, seller, token } = await aFollower()
    const foreign = createStopTokens(['a key that was taken out of use']).make({
      followerId: fan.id,
      sellerId: seller.id,
    })
    for (const wrong of [foreign, `${token}x`, 'nothing', token.replace(fan.id, 'acc_another')]) {
      const answer = await ask(wrong)
      const problem = (await answer.json()) as { code: string }
      assert.deepEqual([answer.status, problem.code], [410, 'link_ended'], wrong)
    }
    assert.equal(await wants(fan, seller), true)
  })

  const others: [what: string, init: RequestInit, status: number, code: string][] = [
    ['without the form', { headers: {}, body: null }, 415, 'unsupported_media_type'],
    ['with another form', { body: 'List-Unsubscribe=Maybe' }, 400, 'invalid_request'],
    ['with JSON', { headers: { 'content-type': 'application/json' }, body: '{}' }, 415, 'unsupported_media_type'],
    [
      'with half a form',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x' },
      400,
      'invalid_request',
    ],
    ['with a large form', { body: `${click}&more=${'x'.repeat(5_000)}` }, 413, 'body_too_large'],
    ['by PUT', { method: 'PUT' }, 405, 'method_not_allowed'],
  ]
  for (const [what, init, status, code] of others)
    test(`${what} is none: ${code}`, async () => {
      const { fan, seller, token } = await aFollower()
      const answer = await ask(token, init)
      const problem = (await answer.json()) as { code: string }
      assert.deepEqual([answer.status, problem.code], [status, code])
      assert.equal(await wants(fan, seller), true)
    })

  test('is taken from one server however many read their mail there, and of one reader sixty times an hour', async () => {
    const { token } = await aFollower()
    const statuses = await Promise.all(Array.from({ length: 61 }, async () => (await ask(token)).status))
    assert.deepEqual(
      statuses.toSorted((a, b) => a - b),
      [...Array.from({ length: 60 }, () => 204), 429],
    )
    const { token: another } = await aFollower()
    assert.equal((await ask(another)).status, 204)
  })
})

describe('a link that is only followed', () => {
  test('changes nothing, and leads to the page that asks, the token behind #', async () => {
    const { fan, seller, token } = await aFollower()
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(token, { method, body: null, headers: {} })
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, `/account/mail-stop#${token}`])
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.equal(answer.headers.get('set-cookie'), null)
    }
    assert.equal(await wants(fan, seller), true)
  })

  test('can put nothing else into a header', async () => {
    const answer = await ask('x%0d%0aset-cookie:a=b', { method: 'GET', body: null, headers: {} })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers.get('location'), null)
  })
})

test('no log has a token: requests are logged by their route', async () => {
  const { fan, seller, token } = await aFollower()
  await ask(token)
  await ask(`${token}x`)
  await ask(token, { method: 'GET', body: null, headers: {} })
  await eventually('the last request is logged', () =>
    Promise.resolve(logged.split('/mail-stops/{token}').length > 3 ? true : undefined),
  )
  assert.equal(await wants(fan, seller), false)
  assert.ok(!logged.includes(token))
  assert.ok(!logged.includes(token.split('.')[2] ?? ''))
})
