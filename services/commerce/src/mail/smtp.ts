import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { ConfigError, optionalText, secret, wholeNumber } from '@mytaek1/platform/env.ts'
import { judgeFailure, SendFailure } from './judge-failure.ts'
import type { ComposedMail } from './mail-facts.ts'

const usualWaits = Object.freeze({
  stepMs: 10_000, // to resolve, to connect, to be greeted, and between two answers
  wholeMs: 45_000, // of one mail, whatever the server does; a lease is longer
})

/** A mailbox as `From` shows it. */
export interface Mailbox {
  name: string
  address: string
}

/** Variables of the mail server. Without SMTP_HOST no mail is sent. */
export const mailVariables = {
  SMTP_HOST: optionalText(),
  SMTP_PORT: wholeNumber({ default: 587, min: 1, max: 65_535 }),
  /** `starttls`: refused without; `tls`: from the first byte; `none`: in the clear, for a sink or a relay beside us. */
  SMTP_TLS: z.enum(['starttls', 'tls', 'none'], 'must be starttls, tls or none').default('starttls'),
  SMTP_USER: optionalText(),
  SMTP_PASSWORD: secret(1).optional(),
  SMTP_CA: optionalText(), // PEM, of a server whose certificate no public authority has signed
  MAIL_FROM: optionalText(), // `shop@example.com` or `The Shop <shop@example.com>`
}

/** How mail leaves. */
export interface SmtpConfig {
  host: string
  port: number
  tls: 'starttls' | 'tls' | 'none'
  login?: { user: string; password: string }
  ca?: string
  from: Mailbox
}

type Variables = Readonly<z.infer<z.ZodObject<typeof mailVariables>>>

/** Those variables together; undefined without a server. @throws {ConfigError} naming each that does not fit the others. */
export function smtpOf(config: Variables): SmtpConfig | undefined {
  const {
    SMTP_HOST: host,
    SMTP_PORT: port,
    SMTP_TLS: tls,
    SMTP_USER: user,
    SMTP_PASSWORD: password,
    SMTP_CA: ca,
  } = config
  const problems: string[] = []
  const from = config.MAIL_FROM === undefined ? undefined : mailboxOf(config.MAIL_FROM)
  if (config.MAIL_FROM !== undefined && from === undefined) {
    problems.push('MAIL_FROM: must be an e-mail address, or `Name <address>` without quotes')
  }
  if (host === undefined) {
    for (const name of ['SMTP_USER', 'SMTP_PASSWORD', 'SMTP_CA'] as const) {
      if (config[name] !== undefined) problems.push(`${name}: is set, and SMTP_HOST, the server it is for, is not`)
    }
  } else {
    if (config.MAIL_FROM === undefined) problems.push('MAIL_FROM: is required with SMTP_HOST')
    if (user !== undefined && password === undefined) problems.push('SMTP_PASSWORD: is required with SMTP_USER')
    if (user === undefined && password !== undefined) problems.push('SMTP_USER: is required with SMTP_PASSWORD')
    if (tls === 'none' && user !== undefined) {
      problems.push('SMTP_TLS: is none, which would send SMTP_PASSWORD in the clear; use starttls or tls')
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  if (host === undefined || from === undefined) return undefined
  const login = user !== undefined && password !== undefined ? { login: { user, password } } : {}
  return { host, port, tls, from, ...login, ...(ca !== undefined && { ca }) }
}

function mailboxOf(text: string): Mailbox | undefined {
  const [, name = '', address = text] = /^([^<>"\p{Cc}]{0,64})<([^<>]*)>$/u.exec(text) ?? []
  const checked = z.email().max(254).safeParse(address.trim())
  return checked.success ? { name: name.trim(), address: checked.data } : undefined
}

/** A mail that is to leave. The same `id` and `date` make the same bytes, whenever it is sent. */
export interface Letter {
  id: string
  date: Date
  to: string
  content: ComposedMail
  /** Where mail programs stop mails of its kind; undefined: they cannot be stopped. */
  stopUrl: string | undefined
}

/** Sends one mail; throws SendFailure. */
export type SendMail = (letter: Letter) => Promise<void>

/** A way to a mail server: a connection of its own for each mail, so that what becomes of a mail is known of that mail. */
export function createSmtp(
  { host, port, tls, login, ca, from }: SmtpConfig,
  { stepMs, wholeMs }: { stepMs: number; wholeMs: number } = usualWaits,
): SendMail {
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(login && { auth: { user: login.user, pass: login.password } }),
    ...(ca !== undefined && { tls: { ca } }),
    dnsTimeout: stepMs,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.address.split('@')[1] ?? 'localhost'
  return async ({ id, date, to, content, stopUrl }) => {
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: to },
        subject: content.subject,
        text: content.text,
        html: content.html,
        date,
        messageId: `<${id}@${domain}>`,
        baseBoundary: id,
        headers: {
          'Auto-Submitted': 'auto-generated', // RFC 3834: holiday replies stay away
          ...(isOneClick(stopUrl) && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
        },
        ...(stopUrl !== undefined && { list: { unsubscribe: stopUrl } }), // RFC 2369
        signal: AbortSignal.timeout(wholeMs),
      })
    } catch (error) {
      throw new SendFailure(judgeFailure(error)) // without its cause: servers repeat addresses in their words
    }
  }
}

// RFC 8058 section 3.1 wants HTTPS; over plain HTTP, in trials, programs may follow the link
const isOneClick = (stopUrl: string | undefined) => stopUrl?.startsWith('https:') ?? false
