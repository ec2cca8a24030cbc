import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import { z } from 'zod'
import { composeMail } from './compose.ts'
import type { LinkTokens } from './link-tokens.ts'
import type { MailFacts, OrderFacts } from './mail-facts.ts'
import { mailLocales, mailPurposes, mailShapes, type MailKind } from './mail.ts'
import type { SendMail } from './smtp.ts'
import type { StopTokens } from './stop-tokens.ts'

const perHour = 30 // to one address, of all kinds
const perDay = 100

/** What sending works with. */
export interface SendDeps {
  db: Knex
  send: SendMail
  tokens: LinkTokens
  stopTokens: StopTokens
  publicUrl: string
  /** Where this service's API is, as mail programs reach it, without a slash at the end. */
  apiUrl: string
  /** Reads an order that a mail is of. */
  orderOf: (orderId: string) => Promise<OrderFacts | undefined>
}

/** A mail that this process holds. */
export interface MailRow {
  seq: number
  id: string
  kind: string
  account_id: string | null
  data: string
  created_at: Date
  attempts: number
  refusals: number
  is_expired: number
}

/** What became of a try that did not fail: sent; of no use, for a reason; or held back, for the address had many. */
export type Sent = { sent: string } | { dropped: 'expired' | 'nobody' | 'not_verified' } | { held: true }

/** Writes a mail with what is true now, and sends it; throws SendFailure. */
export async function sendRow(deps: SendDeps, row: MailRow): Promise<Sent> {
  if (row.is_expired !== 0) return { dropped: 'expired' }
  const { account_id: accountId } = row
  const to = accountId === null ? undefined : await readRecipient(deps.db, accountId)
  if (to === undefined || accountId === null) return { dropped: 'nobody' }
  const kind = row.kind as MailKind
  if (mailPurposes[kind] === 'news' && !to.isVerified) return { dropped: 'not_verified' }
  const recipient = hash('sha256', to.email, 'base64url')
  // a reset has three an hour of its own, and would run out while it is held behind receipts
  if (kind !== 'password_reset' && (await hadMany(deps.db, recipient, kind))) return { held: true }
  const facts = await factsOf(deps, { ...row, kind, account_id: accountId }, to.locale)
  if (facts === undefined) return { dropped: 'expired' } // its link was used, its order is no more, it is not wanted any more
  const stopUrl = stopUrlOf(deps, facts)
  await deps.send({ id: row.id, date: row.created_at, to: to.email, content: composeMail(facts), stopUrl })
  return { sent: recipient }
}

function stopUrlOf({ apiUrl }: SendDeps, { kind, token }: MailFacts): string | undefined {
  if (mailPurposes[kind] !== 'news') return undefined
  if (token === undefined) throw new Error(`A mail of the kind ${kind} has nothing to stop it by`)
  return `${apiUrl}/mail-stops/${token}`
}

async function factsOf(
  { db, tokens, stopTokens, publicUrl, orderOf }: SendDeps,
  { id, kind, account_id: followerId, data: json, created_at: at }: MailRow & { kind: MailKind; account_id: string },
  locale: MailFacts['locale'],
): Promise<MailFacts | undefined> {
  const data = mailShapes[kind].parse(JSON.parse(json))
  const common = { locale, publicUrl, at }
  if (kind === 'verify_email' || kind === 'password_reset') {
    const link = await db('account_links').where('mail_id', id).first<{ sha256: string } | undefined>('sha256')
    const token = link && tokens.open(id, link.sha256)
    return token === undefined ? undefined : ({ kind, data, token, ...common } as MailFacts)
  }
  if ('broadcastId' in data) {
    const sellerId = await sellerFollowed(db, { followerId, broadcastId: data.broadcastId })
    const token = sellerId && stopTokens.make({ followerId, sellerId })
    return token === undefined ? undefined : ({ kind, data, token, ...common } as MailFacts)
  }
  const order = 'orderId' in data ? await orderOf(data.orderId) : undefined
  return { kind, data, ...common, ...(order && { order }) } as MailFacts // of one kind, by its shape
}

// Whose show it is, if the account still wants to be told of it and it is not over: who stopped that a moment ago is not
// written to, nor anybody after its end.
async function sellerFollowed(
  db: Knex,
  { followerId, broadcastId }: { followerId: string; broadcastId: string },
): Promise<string | undefined> {
  const row = await db('broadcasts')
    .join('follows', 'follows.seller_id', 'broadcasts.seller_id')
    .where({ 'broadcasts.id': broadcastId, follower_id: followerId, notify: true })
    .whereNot('broadcasts.state', 'ended')
    .first<{ seller_id: string } | undefined>('broadcasts.seller_id')
  return row?.seller_id
}

async function readRecipient(db: Knex, accountId: string) {
  const row = await db('accounts')
    .where('id', accountId)
    .first<{ email: string; locale: string; email_verified_at: Date | null } | undefined>(
      'email',
      'locale',
      'email_verified_at',
    )
  const email = z.email().safeParse(row?.email) // a deleted account has none
  if (row === undefined || !email.success || leadsNowhere(email.data)) return undefined
  const locale = mailLocales.find((one) => one === row.locale) ?? 'ko'
  return { email: email.data, locale, isVerified: row.email_verified_at !== null }
}

// No such domain ever is (RFC 6761 section 6.4): a mail server would only send back what it is given for it.
const leadsNowhere = (email: string) => email.toLowerCase().endsWith('.invalid')

// Counted where it is sent, so it holds for whatever causes mails, and over all Pods. Mails are held back, not dropped.
// Of shows there may be many in an evening: what is of money or of the account is not held back behind them.
async function hadMany(db: Knex, recipient: string, kind: MailKind): Promise<boolean> {
  const ofShows = kind === 'show_starts'
  const [rows] = await db.raw(
    `SELECT COUNT(*) AS day, COALESCE(SUM(sent_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR), 0) AS hour FROM mail_outbox
      WHERE recipient = ? AND sent_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY AND (? OR kind <> 'show_starts')`,
    [recipient, ofShows],
  )
  return Number(rows[0]?.day) >= perDay || Number(rows[0]?.hour) >= perHour
}
