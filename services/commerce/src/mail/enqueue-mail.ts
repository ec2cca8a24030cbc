import type { Knex } from 'knex'
import { newId } from '@mytaek1/platform/ids.ts'
import { idType, literal, tableOf } from '@mytaek1/platform/mysql-trip.ts'
import { mailShapes, usefulSeconds, type MailData, type MailKind } from './mail.ts'

/** A mail to be written. */
export type NewMail = { [K in MailKind]: Mail<K> }[MailKind]

interface Mail<K extends MailKind> {
  kind: K
  /** Whom to; null only where nobody may notice that there is none. */
  accountId: string | null
  /** What it is about, in at most 96 ASCII characters: of a kind, a cause and an account there is one mail. */
  cause: string
  data: MailData<K>
  /** Made before, when something else is to name it. */
  id?: string
}

/** How features have mails written: by the outbox, or, where the platform has no mail server, not at all. */
export interface Mails {
  /** Whether mails leave this platform. */
  readonly on: boolean
  enqueue(trx: Knex.Transaction, mails: readonly NewMail[]): Promise<void>
}

/**
 * Has a mail sent once `trx` commits: it is written into the outbox with its cause, and a sender takes it from there. The
 * same mail enqueued again is the same mail.
 *
 *   await enqueueMail(trx, { kind: 'order_shipped', accountId: buyerId, cause: shipmentId,
 *     data: { orderId, carrier: 'CJ대한통운', trackingNumber, trackingUrl: null } })
 *
 * @throws {ZodError} the facts are not of the kind's shape: a bug shows here, in the cause's transaction.
 */
export async function enqueueMail(trx: Knex.Transaction, mail: NewMail): Promise<void> {
  await enqueueMails(trx, [mail])
}

/** Several mails by one statement. */
export async function enqueueMails(trx: Knex.Transaction, mails: readonly NewMail[]): Promise<void> {
  if (mails.length === 0) return
  await trx('mail_outbox')
    .insert(mails.map((mail) => rowOf(trx, mail)))
    .onConflict(['kind', 'cause', 'account_id'])
    .ignore()
}

/**
 * The same as one statement, for transactions in one trip (platform/mysql-trip.ts), which reads there whose the mails are.
 *
 * @param accounts a SELECT of `cause` and `account_id`
 */
export function mailsStatement<K extends MailKind>(
  kind: K,
  mails: readonly { cause: string; data: MailData<K> }[],
  accounts: string,
): string {
  const rows = mails.map(({ cause, data }) => [newId('mail'), cause, JSON.stringify(mailShapes[kind].parse(data))])
  return `INSERT IGNORE INTO mail_outbox (id, kind, cause, account_id, data, created_at, due_at)
    SELECT mail.id, ${literal(kind)}, mail.cause, whose.account_id, mail.data, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM ${tableOf('mail', { id: idType, cause: causeType, data: 'TEXT' }, rows)} JOIN (${accounts}) AS whose ON whose.cause = mail.cause`
}

const causeType = 'VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin'

/** The outbox. */
export const mailOutbox: Mails = Object.freeze({ on: true, enqueue: enqueueMails })

/** A platform without a mail server. */
export const noMails: Mails = Object.freeze({ on: false, enqueue: () => Promise.resolve() })

function rowOf(trx: Knex.Transaction, { kind, accountId, cause, data, id = newId('mail') }: NewMail) {
  const useful = usefulSeconds[kind]
  return {
    id,
    kind,
    cause,
    account_id: accountId,
    data: JSON.stringify(mailShapes[kind].parse(data)),
    created_at: trx.raw('UTC_TIMESTAMP(3)'),
    due_at: trx.raw('UTC_TIMESTAMP(3)'),
    expires_at: useful === undefined ? null : trx.raw('UTC_TIMESTAMP(3) + INTERVAL ? SECOND', [useful]),
  }
}
