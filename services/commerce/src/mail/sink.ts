/**
 * A mail server that delivers nowhere: what it takes is shown by a page and as JSON. For trials and tests; it speaks SMTP as
 * others do, and errs on demand as others do.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { escapeHtml } from './compose.ts'

const kept = 500
const mailBytesMax = 1024 * 1024

/** A mail as the sink took it. */
export interface SunkMail {
  messageId: string
  from: string
  to: string[]
  subject: string
  text: string
  html: string
  receivedAt: string
  /** Every byte, headers and all. */
  raw: string
}

/** What goes wrong with the next mails: a reply instead of taking it, silence, or an end of the connection. */
export type SinkFault = { reply: number } | 'hang' | 'cut_after_data' | 'take_and_cut'

/** A running sink. */
export interface MailSink {
  smtpPort: number
  httpPort: number
  /** The newest last, at most 500. */
  readonly mails: readonly SunkMail[]
  /** Has the next mails meet these, one each. */
  fail(...faults: SinkFault[]): void
  stop(): Promise<void>
}

/** Starts a sink on these ports; 0 lets the system choose. */
export async function startMailSink({
  smtpPort,
  httpPort,
  host = '127.0.0.1',
}: {
  smtpPort: number
  httpPort: number
  host?: string
}): Promise<MailSink> {
  const mails: SunkMail[] = []
  const faults: SinkFault[] = []
  const cut = (session: SMTPServerSession) => {
    for (const connection of smtp.connections) if (connection.session.id === session.id) connection._socket.destroy()
  }
  const take = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (stream.sizeExceeded) throw reply(552, 'Too large')
    const fault = faults.shift()
    if (fault === 'hang') return await new Promise<void>(() => undefined) // the client's deadline ends it
    if (fault === 'cut_after_data') return cut(session)
    if (typeof fault === 'object') throw reply(fault.reply, `You asked for ${fault.reply}, <${toOf(session)[0]}>`)
    mails.push(await read(Buffer.concat(chunks), session))
    if (mails.length > kept) mails.shift()
    if (fault === 'take_and_cut') cut(session)
  }
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    size: mailBytesMax,
    socketTimeout: 60_000,
    closeTimeout: 100,
    maxClients: 100,
    onData: (stream, session, answer) => {
      take(stream, session).then(() => answer(null, 'taken'), answer)
    },
  })
  smtp.on('error', () => undefined) // of a connection: its client knows
  const http = createServer((request, answer) => show(mails, request, answer))
  const listening = smtp.listen(smtpPort, host)
  http.listen(httpPort, host)
  await Promise.all([once(listening, 'listening'), once(http, 'listening')])
  return {
    smtpPort: (listening.address() as AddressInfo).port,
    httpPort: (http.address() as AddressInfo).port,
    mails,
    fail: (...some) => void faults.push(...some),
    stop: async () => {
      http.close()
      http.closeAllConnections()
      await new Promise<void>((resolve) => smtp.close(resolve))
    },
  }
}

const toOf = ({ envelope }: SMTPServerSession) => envelope.rcptTo.map(({ address }) => address)

const reply = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

async function read(raw: Buffer, session: SMTPServerSession): Promise<SunkMail> {
  const mail = await PostalMime.parse(raw)
  const { mailFrom } = session.envelope
  return {
    messageId: mail.messageId ?? '',
    from: mailFrom === false ? '' : mailFrom.address,
    to: toOf(session),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    receivedAt: new Date().toISOString(),
    raw: raw.toString('latin1'),
  }
}

// `GET /mails.json?to=…`: the newest first. `GET /…`: the same for people; a mail's HTML is shown as its text.
function show(mails: readonly SunkMail[], request: IncomingMessage, answer: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://sink')
  const to = url.searchParams.get('to')
  const some = mails.filter((mail) => to === null || mail.to.includes(to)).toReversed()
  answer.setHeader('cache-control', 'no-store')
  answer.setHeader('x-content-type-options', 'nosniff')
  if (url.pathname.endsWith('/mails.json')) {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ mails: some }))
    return
  }
  answer.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  answer.setHeader('referrer-policy', 'no-referrer')
  answer.setHeader('content-type', 'text/html; charset=utf-8')
  answer.end(pageOf(some))
}

function pageOf(mails: readonly SunkMail[]): string {
  const items = mails.map(({ to, subject, receivedAt, text }) => {
    // links of the text can be followed; nothing else of a mail is taken for HTML
    const body = escapeHtml(text).replaceAll(/https?:\/\/[^\s<]+/g, (link) => `<a href="${link}">${link}</a>`)
    return `<article><h2>${escapeHtml(subject)}</h2><p>${escapeHtml(to.join(', '))} · ${receivedAt}</p><pre>${body}</pre></article>`
  })
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail sink</title>' +
    '<style>body{font-family:sans-serif;max-width:48em;margin:2em auto}pre{white-space:pre-wrap}</style>' +
    `<h1>Mails that would have been sent</h1>${items.join('') || '<p>None yet.</p>'}</html>`
  )
}
