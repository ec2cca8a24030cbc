/** A buyer in a real browser: out to the gateway's window and back, and a reload anywhere tells how it stands. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { testIds } from '../../services/storefront/src/testing/test-ids.ts'
import { startShop } from './shop.ts'
import { startSite } from './site.ts'

const site = await startSite()
const shop = await startShop({
  commerce: { PUBLIC_HTTP_URL: site.url },
  payment: {
    GATEWAYS: '[{"name":"simulator","keyIn":false}]',
    GATEWAY_TIMEOUT_MS: '10000', // nothing fails here, and what is late for a moment has not failed
    PUBLIC_HTTP_URL: site.url,
  },
})
site.lead('/api/commerce/', shop.commerce.url)
site.lead('/api/payment/', `http://127.0.0.1:${shop.paymentPort}`)
const seller = await shop.signedIn('Seo')

const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }

async function anOrder() {
  const buyer = await shop.signedIn('Bo')
  await buyer.expect(201, 'POST', '/account/addresses', address)
  const product = await shop.product(seller, { stock: 1, amount: 10_000 })
  return { buyer, order: await shop.order(buyer, product.id) }
}

const stateIs = (page: Page, state: string) =>
  page.locator(`[data-testid="${testIds.orderState}"][data-state="${state}"]`).waitFor()
const inWindow = (page: Page) => page.waitForURL((url) => url.href.startsWith(shop.simulatorUrl))

/** Opens the order's payment and goes to the window. */
async function toWindow(page: Page, orderId: string): Promise<void> {
  await page.goto(`${site.url}/orders`)
  await page.getByTestId(testIds.payOrder(orderId)).click()
  await page.getByTestId(testIds.pay).click()
  await inWindow(page)
}

test('out and back: paid within two seconds of the return, and after any reload; no card field was ever loaded', async (t) => {
  const { buyer, order } = await anOrder()
  const { page, faults, requests } = await site.visit(t, buyer)
  await toWindow(page, order.id)
  await page.reload() // in the window, too
  await page.getByTestId('paid').click()
  await page.waitForURL(/\/pay\/pay_/)
  // two seconds, counted in looks of 20 ms and more: what stands still for the payment does so for them
  for (let looks = 0; (await shop.orderOf(buyer, order.id)).state !== 'PAID'; looks += 1) {
    assert.ok(looks < 100, 'not PAID two seconds after the return')
    await wait(20)
  }
  await stateIs(page, 'PAID')
  await page.reload()
  await stateIs(page, 'PAID')
  await page.goto(`${site.url}/orders`)
  await page.locator(`[data-testid="${testIds.orderRow(order.id)}"][data-state="PAID"]`).waitFor()
  assert.equal(
    requests.some(({ url }) => /card-form|card-tokens/.test(url)),
    false,
  )
  assert.equal(
    requests.some(({ body }) => /cardToken|cvc/i.test(body)),
    false,
  )
  assert.deepEqual(faults, [])
})

for (const [locale, text] of [
  ['ko-KR', '결제창이 닫혔습니다'],
  ['en-US', 'The payment window was closed'],
] as const) {
  test(`who leaves the window reads so, keeps the unit, and pays in another one, ${locale}`, async (t) => {
    const { buyer, order } = await anOrder()
    const { page } = await site.visit(t, buyer, { locale })
    await toWindow(page, order.id)
    await page.getByTestId('left').click()
    await page.getByText(text).waitFor()
    await stateIs(page, 'RESERVED')
    await page.getByTestId(testIds.pay).click()
    await inWindow(page)
    await page.getByTestId('paid').click()
    await stateIs(page, 'PAID')
  })
}

test('a window whose time is over: the buyer reads so, and the reservation runs on', async (t) => {
  const { buyer, order } = await anOrder()
  const { page } = await site.visit(t, buyer, { locale: 'en-US' })
  await toWindow(page, order.id)
  await shop
    .simulatorDb('ledger_payments')
    .update({ expires_at: new Date(Date.now() - 1) })
    .where({ status: 'READY' })
  await page.getByTestId('paid').click()
  await page.getByText('The time to pay was over').waitFor()
  await stateIs(page, 'RESERVED')
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
})

test('by the browser’s Back button the order is as it was, and the same window opens again', async (t) => {
  const { buyer, order } = await anOrder()
  const { page } = await site.visit(t, buyer)
  await toWindow(page, order.id)
  const first = page.url()
  await page.goBack()
  await toWindow(page, order.id)
  assert.equal(page.url(), first)
  await page.getByTestId('paid').click()
  await stateIs(page, 'PAID')
})

test('an order that costs nothing is confirmed with a press, and asks for no card', async (t) => {
  const { buyer, order } = await anOrder()
  await shop.commerce.db('orders').where('id', order.id).update({ total_amount: 0 })
  const { page } = await site.visit(t, buyer)
  await page.goto(`${site.url}/orders`)
  await page.getByTestId(testIds.payOrder(order.id)).click()
  await page.getByTestId(testIds.pay).waitFor()
  assert.equal(await page.getByTestId(testIds.cardNumber).count(), 0)
  await page.getByTestId(testIds.pay).click()
  await stateIs(page, 'PAID')
})

test('fields of a card are in one file of the site, which the others load only when it is shown', async () => {
  const folder = `${site.folder}/assets`
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const withFields: string[] = []
  for (const name of scripts) {
    if ((await readFile(`${folder}/${name}`, 'utf8')).includes('cc-number')) withFields.push(name)
  }
  assert.equal(withFields.length, 1, withFields.join())
  assert.match(withFields[0] ?? '', /^card-form-/)
})
