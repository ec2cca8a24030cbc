/** A buyer in a real browser who pays into an account: told where, in two languages, and that the money came. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIds } from '../../services/storefront/src/testing/test-ids.ts'
import { startShop } from './shop.ts'
import { startSite } from './site.ts'

const site = await startSite()
const shop = await startShop({
  commerce: { PUBLIC_HTTP_URL: site.url },
  payment: {
    GATEWAYS: '[{"name":"simulator","keyIn":false,"methods":["card","virtual_account"]}]',
    GATEWAY_TIMEOUT_MS: '10000', // nothing fails here, and what is late for a moment has not failed
    PUBLIC_HTTP_URL: site.url,
  },
})
site.lead('/api/commerce/', shop.commerce.url)
site.lead('/api/payment/', `http://127.0.0.1:${shop.paymentPort}`)
const seller = await shop.signedIn('Seo')
const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }

for (const [locale, bank, whole] of [
  ['ko-KR', '우리은행', '전액을 한 번에'],
  ['en-US', 'Woori Bank', 'Pay the whole amount at once'],
] as const) {
  test(`the account, its bank and its time are shown, also after a reload, and then that it is paid, ${locale}`, async (t) => {
    const buyer = await shop.signedIn('Bo')
    await buyer.expect(201, 'POST', '/account/addresses', address)
    const product = await shop.product(seller, { stock: 1, amount: 10_000 })
    const order = await shop.order(buyer, product.id)
    const { page, faults } = await site.visit(t, buyer, { locale })
    await page.goto(`${site.url}/orders`)
    await page.getByTestId(testIds.payOrder(order.id)).click()
    await page.getByTestId(testIds.payMethod('virtual_account')).check()
    await page.getByTestId(testIds.pay).click()
    const shown = page.getByTestId(testIds.deposit)
    await shown.getByText(bank).waitFor()
    await shown.getByText(whole).waitFor()
    const number = await page.getByTestId(testIds.depositAccount).textContent()
    const { items } = (await shop.pays(buyer, 'GET', `/payments?orderId=${order.id}`)).body
    const [{ id, deposit }] = items
    assert.equal(number, deposit.accountNumber)
    await page.goto(`${site.url}/pay/${id}`)
    await page.getByTestId(testIds.depositAccount).waitFor()
    await fetch(`${shop.simulatorUrl}/v1/deposits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ accountNumber: number, amount: 10_000 }),
    })
    const hint = { createdAt: '', orderId: id, status: 'DONE', secret: 'x' }
    assert.equal((await shop.pays(seller, 'POST', '/webhooks/simulator', hint, '')).status, 204)
    await page.locator(`[data-testid="${testIds.orderState}"][data-state="PAID"]`).waitFor()
    assert.deepEqual(faults, [])
  })
}
