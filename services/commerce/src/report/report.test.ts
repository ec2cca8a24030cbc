import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ViewerMinutes } from '../live/viewer-minutes.ts'
import { aBroadcast, aProduct, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'
import { chatFile } from './chat-file.ts'

const app = await startTestApp()
const payment = playedPayment(app)

test('what was paid stands beside who watched, minute by minute; what was only reserved, or in another show, does not', async () => {
  const seller = await signedIn(app.url, '제주농장')
  const [tea, honey] = [
    await aProduct(seller, { name: 'Tea', amount: 12_900 }),
    await aProduct(seller, { name: 'Honey', amount: 24_000 }),
  ]
  const { id } = await aBroadcast(seller, [tea.id, honey.id])
  const [ann, bo] = [await signedIn(app.url), await signedIn(app.url)]
  const buy = async (buyer: typeof ann, order: object, key: string) =>
    await buyer.expect(201, 'POST', '/orders', { broadcastId: id, ...order }, { 'idempotency-key': key })
  await payment.pay(await buy(ann, { productId: tea.id, quantity: 2 }, 'one'), ann.id)
  const both = { items: [tea, honey].map((product) => ({ productId: product.id, quantity: 1 })) }
  await payment.pay(await buy(bo, both, 'two'), bo.id)
  await buy(bo, { productId: honey.id, quantity: 1 }, 'three') // not paid
  await payment.pay(await buy(ann, { productId: honey.id, quantity: 1, broadcastId: undefined }, 'four'), ann.id)
  const clock = () => new Date()
  await new ViewerMinutes({ db: app.db, clock }).take(new Map([[id, 40]]))
  await new ViewerMinutes({ db: app.db, clock }).take(new Map([[id, 25]])) // another Pod saw fewer
  const report = await seller.expect(200, 'GET', `/broadcasts/${id}/report`)
  assert.deepEqual(
    [report.orders, report.units, report.buyers, report.peakViewers, report.conversion],
    [2, 4, 2, 40, 0.05],
  )
  assert.deepEqual(report.sales, [{ amount: 62_700, currency: 'KRW' }])
  assert.deepEqual(report.refunded, [])
  assert.deepEqual(
    report.products.map((each: { name: string; units: number; sales: { amount: number } }) => [
      each.name,
      each.units,
      each.sales.amount,
    ]),
    [
      ['Tea', 3, 38_700],
      ['Honey', 1, 24_000],
    ],
  )
  const minutes: { orders: number; viewers: number | null }[] = report.minutes
  assert.equal(
    minutes.reduce((all, { orders }) => all + orders, 0),
    2,
  )
  assert.equal(Math.max(...minutes.map(({ viewers }) => viewers ?? 0)), 40)
  await ann.expect(403, 'GET', `/broadcasts/${id}/report`)
})

test('the chat is a file for its seller: names and words, no account, and no formula', async () => {
  const seller = await signedIn(app.url, '제주농장')
  const { id } = await aBroadcast(seller)
  const viewer = await signedIn(app.url, '민아')
  await viewer.expect(202, 'POST', `/broadcasts/${id}/chat`, { text: '=1+1 맛있어요, "정말"' })
  const answer = await seller.get(`/broadcasts/${id}/chat-file`)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/csv/)
  const [, line = ''] = String(answer.body).split('\r\n')
  assert.match(line, /,"민아","viewer","'=1\+1 맛있어요, ""정말""",""$/)
  assert.ok(!String(answer.body).includes(viewer.id))
  await viewer.expect(403, 'GET', `/broadcasts/${id}/chat-file`)
})

test('an empty chat is a file with its heading', () => {
  assert.equal(chatFile([]).split('\r\n').length, 2)
})
