import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { inTransaction, migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { migrations } from '../migrations.ts'
import { eventually } from '../testing/eventually.ts'
import { enqueueMail } from './enqueue-mail.ts'
import { createLinkTokens } from './link-tokens.ts'
import { startMailSender } from './mail-sender.ts'
import { startMailSink, type MailSink } from './sink.ts'
import { createStopTokens } from './stop-tokens.ts'
import { createSmtp } from './smtp.ts'

const { db } = await testDatabase()
await migrate(db, migrations)
const tokens = createLinkTokens(['a secret that only these tests know'])
const stopTokens = createStopTokens(['a secret that only these tests know'])
const from = { name: 'Shop', address: 'shop@example.com' }
const address = 'ann@example.com'
await db('accounts').insert({
  id: 'acc_ann',
  email: address,
  display_name: 'Ann',
  password_hash: 'none',
  role: 'viewer',
  locale: 'en',
  created_at: new Date(),
})
let logged = ''
const log = createLogger({ service: 'test', level: 'debug' }, { write: (line) => void (logged += line) })

/** A sender whose waits are short, to a sink or a port; `stepMs`: how long it waits for each word of the server. */
function sendTo({ port, stepMs = 60_000 }: { port: number; stepMs?: number }) {
  const registry = new Registry()
  const sender = startMailSender({
    db,
    log,
    registry,
    tokens,
    stopTokens,
    publicUrl: 'https://shop.example',
    apiUrl: 'https://shop.example/api',
    send: createSmtp({ host: '127.0.0.1', port, tls: 'none', from }, { stepMs, wholeMs: 80_000 }),
    orderOf: () => Promise.resolve(undefined),
    patience: 0.001,
  })
  return { registry, stop: () => sender.stop() }
}

async function sink(): Promise<MailSink> {
  const started = await startMailSink({ smtpPort: 0, httpPort: 0 })
  after(() => started.stop())
  return started
}

let cause = 0
async function enqueue(): Promise<string> {
  const id = `mail_${(cause += 1)}`
  await inTransaction(db, (trx) =>
    enqueueMail(trx, { kind: 'password_changed', accountId: 'acc_ann', cause: id, data: {}, id }),
  )
  return id
}
const rowOf = (id: string) => db('mail_outbox').where({ id }).first()
const sent = (id: string) =>
  eventually(`${id} is sent`, async () => ((await rowOf(id))?.sent_at ? await rowOf(id) : undefined))

describe('a mail', () => {
  test('is sent once, by however many senders, and its sink shows it', async () => {
    const there = await sink()
    const ids = await Promise.all(Array.from({ length: 12 }, enqueue))
    const senders = [sendTo({ port: there.smtpPort }), sendTo({ port: there.smtpPort })]
    await Promise.all(ids.map(sent))
    await Promise.all(senders.map((one) => one.stop()))
    assert.deepEqual(
      there.mails.map(({ messageId }) => messageId).toSorted(),
      ids.map((id) => `<${id}@example.com>`).toSorted(),
    )
    assert.deepEqual(there.mails[0]?.to, [address])
    const answer = await fetch(`http://127.0.0.1:${there.httpPort}/mail-sink/mails.json?to=${address}`)
    const shown = (await answer.json()) as { mails: { subject: string }[] }
    assert.equal(shown.mails.length, 12)
    assert.equal(shown.mails[0]?.subject, 'Your password was changed')
    const page = await fetch(`http://127.0.0.1:${there.httpPort}/mail-sink`)
    assert.match(await page.text(), /Your password was changed/)
    await db('mail_outbox').update({ recipient: null }) // the address may have more
  })

  test('waits for a server that is not there, however long, and then goes', async () => {
    const port = await freePort()
    const id = await enqueue()
    const sender = sendTo({ port })
    await eventually('three tries', async () => ((await rowOf(id)).attempts >= 3 ? true : undefined))
    assert.equal((await rowOf(id)).refusals, 0)
    const there = await startMailSink({ smtpPort: port, httpPort: 0 })
    await sent(id)
    await sender.stop()
    await there.stop()
  })

  test('that the server puts off (451) or leaves without an answer is tried again', async () => {
    const there = await sink()
    there.fail({ reply: 451 }, 'hang')
    const id = await enqueue()
    const sender = sendTo({ port: there.smtpPort, stepMs: 3_000 })
    const row = await sent(id)
    await sender.stop()
    assert.equal(row.attempts, 3)
    assert.equal(there.mails.length, 1)
  })

  test('that is refused three times is set aside, with a code and no word of the server', async () => {
    const there = await sink()
    there.fail({ reply: 550 }, { reply: 550 }, { reply: 550 })
    const id = await enqueue()
    const { registry, stop } = sendTo({ port: there.smtpPort })
    const row = await eventually('set aside', async () => {
      const found = await rowOf(id)
      return found.set_aside_at ? found : undefined
    })
    await stop()
    assert.equal(row.last_error, 'EMESSAGE 550 DATA')
    assert.equal(row.due_at, null)
    const metrics = await registry.metrics()
    assert.match(metrics, /commerce_mail_set_aside 1/)
    assert.match(metrics, /commerce_mails_total\{kind="password_changed",outcome="set_aside"\} 1/)
    assert.ok(!metrics.includes('@'))
    await db('mail_outbox').where({ id }).delete()
  })

  test('whose connection ends before the answer goes again as it was: the same bytes, the same Message-ID', async () => {
    const there = await sink()
    there.fail('take_and_cut')
    const id = await enqueue()
    const sender = sendTo({ port: there.smtpPort })
    await sent(id)
    await sender.stop()
    assert.equal(there.mails.length, 2)
    assert.equal(there.mails[0]?.raw, there.mails[1]?.raw)
    assert.equal(there.mails[0]?.messageId, `<${id}@example.com>`)
  })

  test('to an address that had many is held back, and not lost', async () => {
    const there = await sink()
    const recipient = (await sentOne(there)).recipient
    const many = Array.from({ length: 30 }, (_, index) => ({
      id: `many_${index}`,
      kind: 'password_changed',
      cause: `many_${index}`,
      account_id: 'acc_ann',
      data: '{}',
      created_at: new Date(),
      sent_at: new Date(),
      recipient,
    }))
    await db('mail_outbox').insert(many)
    const id = await enqueue()
    const { registry, stop } = sendTo({ port: there.smtpPort })
    await eventually('held', async () => (/outcome="held"\} [1-9]/.test(await registry.metrics()) ? true : undefined))
    assert.equal(there.mails.length, 1)
    await db('mail_outbox').where('cause', 'like', 'many%').delete()
    await db('mail_outbox').where({ id }).update({ due_at: new Date() })
    await sent(id)
    await stop()
  })

  async function sentOne(there: MailSink) {
    const id = await enqueue()
    const sender = sendTo({ port: there.smtpPort })
    const row = await sent(id)
    await sender.stop()
    return row
  }

  test('to an address that cannot be, of an account made for a test, never reaches a mail server', async () => {
    const there = await sink()
    const id = await enqueue()
    await db('accounts').where('id', 'acc_ann').update({ email: 'release-test@mytaek1.INVALID' })
    const sender = sendTo({ port: there.smtpPort })
    await eventually('gone', async () => ((await rowOf(id)) ? undefined : true))
    await sender.stop()
    await db('accounts').where('id', 'acc_ann').update({ email: address })
    assert.deepEqual(there.mails, [])
  })

  test('that has run out, or is for nobody, is dropped', async () => {
    const there = await sink()
    const [late, nobody] = [await enqueue(), await enqueue()]
    await db('mail_outbox')
      .where({ id: late })
      .update({ expires_at: new Date(0) })
    await db('mail_outbox').where({ id: nobody }).update({ account_id: null })
    const sender = sendTo({ port: there.smtpPort })
    await eventually('gone', async () => ((await rowOf(late)) || (await rowOf(nobody)) ? undefined : true))
    await sender.stop()
    assert.equal(there.mails.length, 0)
  })

  test('that was sent while the database refused to note it is no mail that was refused', async () => {
    const there = await sink()
    const id = await enqueue()
    await db.raw(`CREATE TRIGGER refuses BEFORE UPDATE ON mail_outbox FOR EACH ROW
      IF NEW.sent_at IS NOT NULL AND OLD.sent_at IS NULL THEN
        SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'; END IF`)
    const before = logged.length
    const sender = sendTo({ port: there.smtpPort })
    await eventually('sent', async () => (there.mails.length > 0 ? true : undefined))
    await eventually('told', async () => (logged.includes('mail.unavailable', before) ? true : undefined))
    const row = await rowOf(id)
    assert.deepEqual([row?.refusals, row?.set_aside_at, row?.sent_at], [0, null, null])
    await db.raw('DROP TRIGGER refuses')
    await db('mail_outbox').where({ id }).update({ due_at: new Date() })
    await sent(id)
    await sender.stop()
    assert.equal(new Set(there.mails.map(({ messageId }) => messageId)).size, 1)
  })

  test('with a link that has run out is not set aside for ever', async () => {
    const id = await enqueue()
    const over = { set_aside_at: new Date(0), due_at: null, expires_at: new Date(0) }
    await db('mail_outbox').where({ id }).update(over)
    const sender = sendTo({ port: await freePort() })
    await eventually('gone', async () => ((await rowOf(id)) ? undefined : true))
    await sender.stop()
  })

  test('without a mail server is let go, and the log says that none is sent', async () => {
    const [id, young] = [await enqueue(), await enqueue()]
    await db('mail_outbox')
      .where({ id })
      .update({ due_at: db.raw('UTC_TIMESTAMP(3) - INTERVAL 11 MINUTE') })
    const sender = startMailSender({
      db,
      log,
      registry: new Registry(),
      tokens,
      stopTokens,
      publicUrl: '',
      apiUrl: '',
      send: undefined,
      orderOf: () => Promise.resolve(undefined),
    })
    await eventually('gone', async () => ((await rowOf(id)) ? undefined : true))
    await sender.stop()
    assert.ok(await rowOf(young)) // a process that has a mail server may have written it
    assert.match(logged, /mail\.off/)
  })

  test('leaves neither its address nor its words in the log', () => {
    assert.match(logged, /mail\.not_sent/)
    assert.ok(!logged.includes(address))
    assert.ok(!logged.includes('Your password was changed'))
  })
})
