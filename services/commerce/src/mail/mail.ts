import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'

/** Languages that mails are written in. */
export const mailLocales = Object.freeze(['ko', 'en'] as const)
export type MailLocale = (typeof mailLocales)[number]

const orderId = z.string().regex(/^[\w-]{1,32}$/)

/**
 * What mails there are, and the facts that each needs. Orders are read when the mail is written, so their id will do. No
 * address and no token is among the facts: the account says where to, and a link's token is derived (link-tokens.ts).
 */
export const mailShapes = Object.freeze({
  /** Whether somebody reads the address. */
  verify_email: z.strictObject({}),
  password_reset: z.strictObject({}),
  password_changed: z.strictObject({}),
  /** The receipt. */
  order_paid: z.strictObject({ orderId }),
  order_refunded: z.strictObject({ orderId, refunded: moneyShape }),
  order_shipped: z.strictObject({
    orderId,
    carrier: z.string().min(1).max(60).describe('its name as people know it'),
    trackingNumber: z.string().min(1).max(60),
    trackingUrl: z.url({ protocol: /^https?$/ }).nullable(),
  }),
  show_starts: z.strictObject({ broadcastId: z.string().regex(/^[\w-]{1,32}$/), title: z.string().min(1).max(200) }),
})
export type MailKind = keyof typeof mailShapes
export type MailData<K extends MailKind = MailKind> = z.infer<(typeof mailShapes)[K]>

/**
 * For how long a mail is of use, in seconds; afterwards it is not sent any more. One that is not here is sent whenever it
 * can be: it says what happened to somebody's money, goods or account.
 */
export const usefulSeconds: Readonly<Partial<Record<MailKind, number>>> = Object.freeze({
  verify_email: 86_400,
  password_reset: 1_800,
  show_starts: 1_800,
})

/**
 * What a mail is to who gets it. `own` says what becomes of somebody's money, goods or account, and comes whether wanted or
 * not. `news` can be stopped by a click in the mail program (RFC 8058), and goes to addresses that somebody has shown to read.
 */
export const mailPurposes: Readonly<Record<MailKind, 'own' | 'news'>> = Object.freeze({
  verify_email: 'own',
  password_reset: 'own',
  password_changed: 'own',
  order_paid: 'own',
  order_refunded: 'own',
  order_shipped: 'own',
  show_starts: 'news',
})
