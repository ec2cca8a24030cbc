/** Receipts and the operators' page in a real browser; the services are the fixture's. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buffer } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

async function signIn(page: Page): Promise<void> {
  await page.getByTestId(testIds.email).fill('minji@example.com')
  await page.getByTestId(testIds.password).fill('a long password')
  await page.getByTestId(testIds.submit).click()
}

const business = {
  name: '꿀벌상회',
  representative: '김보라',
  businessNumber: '1234567891',
  mailOrderNumber: '제2026-서울마포-0001호',
  address: '서울 마포구 월드컵북로 1',
  phone: '02-123-4567',
}

test('a seller saves a statement as a file, and says whose business it is', async (t) => {
  const { page, site } = await browser.visit(t, '/orders', { locale: 'en-GB' })
  await signIn(page)
  await page.getByTestId(testIds.signOut).waitFor()
  await page.goto(`${site.url}/studio`)
  const saving = page.waitForEvent('download')
  await page.getByTestId(testIds.statement).click()
  const file = await saving
  assert.match(file.suggestedFilename(), /^payouts-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/)
  const saved = (await buffer(await file.createReadStream())).toString('latin1') // spreadsheets go by the first three bytes
  assert.match(saved, /^\xEF\xBB\xBFdate,type,/)
  for (const [field, value] of Object.entries(business)) {
    await page.getByTestId(testIds.businessField(field)).fill(value)
  }
  await page.getByTestId(testIds.businessForm).getByRole('button').click()
  await page.getByText('Saved').waitFor()
  assert.deepEqual(site.api.business, business)
})

test('an order that is paid on the orders page says so by the stream, and has a receipt that prints alone', async (t) => {
  const { page, site } = await browser.visit(t, '/orders', { locale: 'en-GB' })
  site.api.business = { ...business }
  site.api.state.orders.set('o-1', {
    id: 'o-1',
    productId: 'p-honey',
    paymentId: null,
    broadcastId: null,
    quantity: 2,
    items: [
      {
        productId: 'p-honey',
        variantId: 'p-honey',
        options: [],
        name: '야생화 꿀 500g',
        imageUrls: null,
        quantity: 2,
        unitPrice: { amount: 24_000, currency: 'KRW' },
        dealId: null,
      },
    ],
    state: 'RESERVED',
    total: { amount: 48_000, currency: 'KRW' },
    shipping: { amount: 0, currency: 'KRW' },
    discount: { amount: 0, currency: 'KRW' },
    refunded: { amount: 0, currency: 'KRW' },
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
    createdAt: new Date().toISOString(),
  })
  await signIn(page)
  await page.getByTestId(testIds.payOrder('o-1')).click()
  await page.getByTestId(testIds.cardNumber).fill('4242424242424242')
  await page.getByTestId(testIds.cardExpiry).fill('12/40')
  await page.getByTestId(testIds.cardCvc).fill('737')
  await page.getByTestId(testIds.pay).click()
  await page.locator(`[data-testid="${testIds.orderRow('o-1')}"][data-state="PAID"]`).waitFor()
  await page.getByTestId(testIds.openReceipt('o-1')).click()
  const receipt = page.getByTestId(testIds.receipt)
  await receipt.getByText('야생화 꿀 500g').waitFor()
  await receipt.getByText('₩48,000').first().waitFor()
  const seller = receipt.getByTestId(testIds.receiptSeller)
  for (const said of Object.values(business)) await seller.getByText(said, { exact: true }).waitFor()
  await page.emulateMedia({ media: 'print' })
  assert.equal(await page.locator('header.header').isVisible(), false)
  assert.equal(await receipt.isVisible(), true)
  assert.equal(await receipt.getByRole('button').isVisible(), false)
})

test('an admin sees what is stuck, asks the gateway, takes it up, and what was done is listed; nobody else does', async (t) => {
  const { page, site } = await browser.visit(t, '/admin', { locale: 'en-GB' })
  await signIn(page)
  await page.getByText('This page is for administrators.').waitFor()
  site.api.role = 'admin'
  await page.reload()
  const stuck = page.getByTestId(testIds.stuckPayment('pay-9'))
  await stuck.getByText('UNKNOWN').waitFor()
  await stuck.getByText('no longer asked by itself').waitFor()
  await stuck.getByText('₩24,000 to go back to its buyer').waitFor()
  await page.getByTestId(testIds.stuckRefund('ref-9')).getByText('interest owed: ₩9').waitFor()
  await page.getByTestId(testIds.returnedMoney('pay-7')).getByText('₩24,000').waitFor()
  await page.getByText('₩46,000').waitFor()
  await page.getByTestId(testIds.settlementDifferences).getByText('unknown_reference').waitFor()
  await stuck.getByTestId(testIds.adminAsk).click()
  await page.locator(`[data-testid="${testIds.gatewayWord}"][data-state="PENDING"]`).waitFor()
  await stuck.getByTestId(testIds.adminRetry).click()
  await stuck.waitFor({ state: 'detached' })
  await page.getByTestId(testIds.adminAudit).getByText('POST /payments/pay-9/retries').waitFor()
  assert.deepEqual(site.api.deeds, ['POST /payments/pay-9/queries', 'POST /payments/pay-9/retries'])
  const all = page.getByTestId(testIds.adminRetryAll)
  await all.getByText('Try again all that was set aside (1)').waitFor() // an event is left
  await all.click()
  await page.getByTestId(testIds.confirm).click()
  await page.getByText('Taken up: 2.').waitFor()
  assert.equal(site.api.deeds.at(-1), 'POST /stuck-payments/retries')
})
