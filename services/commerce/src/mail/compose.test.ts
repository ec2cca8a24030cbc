import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { composeMail } from './compose.ts'
import type { MailFacts, OrderFacts } from './mail-facts.ts'
import { mailLocales, mailShapes, type MailKind } from './mail.ts'

const won = (amount: number) => ({ amount, currency: 'KRW' })
const order: OrderFacts = {
  id: 'ord_1',
  items: [{ name: '<b>Tea</b> & "cup"', quantity: 2, unitPrice: won(12_900) }],
  shipping: { amount: 0, currency: 'KRW' },
  discount: { amount: 0, currency: 'KRW' },
  total: won(25_800),
}
const samples: Record<MailKind, unknown> = {
  verify_email: {},
  password_reset: {},
  password_changed: {},
  order_paid: { orderId: 'ord_1' },
  order_refunded: { orderId: 'ord_1', refunded: won(12_900) },
  order_shipped: { orderId: 'ord_1', carrier: 'CJ', trackingNumber: '1<2', trackingUrl: 'https://cj.example/?a=1&b=2' },
  show_starts: { broadcastId: 'brd_1', title: 'Tea\r\nBcc: all@example.com' },
}
const compose = (kind: MailKind, locale: MailFacts['locale']) =>
  composeMail({
    kind,
    data: samples[kind],
    locale,
    publicUrl: 'https://shop.example',
    at: new Date('2026-01-02T03:04:05Z'),
    token: 'TOKEN',
    order,
  } as MailFacts)

for (const locale of mailLocales)
  for (const kind of Object.keys(mailShapes) as MailKind[])
    test(`${kind} in ${locale}: one line of subject, words in both forms, no markup of others`, () => {
      mailShapes[kind].parse(samples[kind])
      const { subject, text, html } = compose(kind, locale)
      assert.match(subject, /^[^\r\n]{5,200}$/)
      assert.ok(text.length > 40)
      assert.match(html, new RegExp(`^<!doctype html><html lang="${locale}">`))
      assert.equal(/[가-힣]/.test(text), locale === 'ko')
      assert.ok(!html.includes('<b>Tea') && !html.includes('1<2'))
    })

describe('what mails say', () => {
  test('a token is behind # of its page, in both forms', () => {
    const { text, html } = compose('password_reset', 'en')
    assert.match(text, /^https:\/\/shop\.example\/account\/reset#TOKEN$/m)
    assert.match(html, /href="https:\/\/shop\.example\/account\/reset#TOKEN"/)
  })

  test('only the kinds whose link knows its reader have the token', () => {
    const withToken = (Object.keys(mailShapes) as MailKind[]).filter((kind) =>
      compose(kind, 'ko').text.includes('TOKEN'),
    )
    assert.deepEqual(withToken, ['verify_email', 'password_reset', 'show_starts'])
  })

  test('a receipt has each item, escaped in HTML, and the total in its currency', () => {
    const { text, html } = compose('order_paid', 'en')
    assert.match(text, /<b>Tea<\/b> & "cup" × 2 {2}₩25,800\nTotal {2}₩25,800/)
    assert.match(html, /&lt;b&gt;Tea&lt;\/b&gt; &amp; &quot;cup&quot; × 2/)
  })

  test('a title with a line end begins no header', () => {
    assert.equal(compose('show_starts', 'en').subject, 'Live now: Tea Bcc: all@example.com')
  })
})
