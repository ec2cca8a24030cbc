import type { Money } from '@mytaek1/contracts/money.ts'
import type { MailData, MailKind, MailLocale } from './mail.ts'

/** An order as mails show it. */
export interface OrderFacts {
  id: string
  items: readonly { name: string; quantity: number; unitPrice: Money }[]
  total: Money
  /** What of the total is for sending it. */
  shipping: Money
  /** What a coupon took off the goods. */
  discount: Money
}

/** What a mail is made of: its kind and data, the link where the kind has one, and the order where it is of one. */
export type MailFacts = { [K in MailKind]: { kind: K; data: MailData<K> } & Surroundings }[MailKind]

interface Surroundings {
  locale: MailLocale
  /** Where the storefront is, without a slash at the end. */
  publicUrl: string
  /** When its cause was. */
  at: Date
  token?: string
  order?: OrderFacts
}

/** A mail without its envelope. */
export interface ComposedMail {
  subject: string
  text: string
  html: string
}

/** A piece of a mail: words, a link, or lines of an order. */
export type Block = string | { link: string; label: string } | { rows: readonly (readonly [string, string])[] }

/** What a language makes of a mail. */
export type Wording = (facts: MailFacts) => { subject: string; blocks: readonly Block[] }

const tags: Readonly<Record<MailLocale, string>> = Object.freeze({ ko: 'ko-KR', en: 'en-US' })

/** Money as a mail says it: minor units per ISO 4217, so 12900 KRW is ₩12,900 and 1299 USD is $12.99. */
export function moneyText({ amount, currency }: Money, locale: MailLocale): string {
  const format = new Intl.NumberFormat(tags[locale], { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0))
}

/** The lines of an order, its total last. */
export function orderRows(
  order: OrderFacts | undefined,
  locale: MailLocale,
  words: { shipping: string; discount: string; total: string },
): Block[] {
  if (order === undefined) return []
  const rows = order.items.map(({ name, quantity, unitPrice }): [string, string] => [
    `${name} × ${quantity}`,
    moneyText({ ...unitPrice, amount: unitPrice.amount * quantity }, locale),
  ])
  const { shipping, discount, total } = order
  const off: [string, string][] = discount.amount === 0 ? [] : [[words.discount, `−${moneyText(discount, locale)}`]]
  const sending: [string, string][] = shipping.amount === 0 ? [] : [[words.shipping, moneyText(shipping, locale)]]
  return [{ rows: [...rows, ...off, ...sending, [words.total, moneyText(total, locale)]] }]
}

/** An address of the storefront; a token is behind `#`, which no browser sends to any server. */
export const pageOf = ({ publicUrl, token }: Pick<MailFacts, 'publicUrl' | 'token'>, path: string): string =>
  `${publicUrl}${path}${token === undefined ? '' : `#${token}`}`
