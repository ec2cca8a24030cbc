/** Coupons, as sellers make them known and buyers use them, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { orderState, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const phone = { width: 390, height: 844 }
const won = (amount: number) => ({ amount, currency: 'KRW' })

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { locale, title, row, unknown } of [
  { locale: 'ko-KR', title: '쿠폰', row: '쿠폰 할인', unknown: '쓸 수 없는 쿠폰' },
  { locale: 'en-US', title: 'Coupon', row: 'Coupon', unknown: 'No such coupon' },
]) {
  test(`a seller makes a coupon known; a buyer chooses it, or tries a code, and pays the rest (${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/orders', { ...phone, locale })
    await signIn(page)
    await page.getByTestId(testIds.signOut).waitFor()
    await page.goto(`${site.url}/studio`)
    const form = page.getByTestId(testIds.couponForm)
    await form.getByTestId(testIds.couponField('name')).fill('오픈 기념')
    await form.getByTestId(testIds.couponField('amount')).fill('1000')
    await form.getByTestId(testIds.couponField('total')).fill('5')
    await form.getByRole('button').click()
    await page.getByTestId(testIds.coupon('cpn-1')).waitFor()
    assert.deepEqual([site.api.coupons[0]?.amount, site.api.coupons[0]?.total], [won(1_000), 5])

    await page.goto(`${site.url}/watch/b-live?buy=p-tangerine`)
    const price = site.api.state.products.get('p-tangerine')?.price.amount ?? 0
    const press = page.getByTestId(testIds.placeOrder)
    await page.getByTestId(testIds.coupons).getByText(title).first().click()
    await page.getByTestId(testIds.couponCode).fill('nobodys')
    await page.getByTestId(testIds.couponApply).click()
    await page.getByTestId(testIds.checkoutError).getByText(unknown).waitFor()
    assert.equal(await press.isDisabled(), true)
    await page.getByTestId(testIds.couponChoice).selectOption('cpn-1')
    await press.getByText((price - 1_000).toLocaleString('en')).waitFor()
    await page.getByTestId(testIds.sumRows).getByText(row).waitFor()
    assert.deepEqual(await faultsOf(page, `coupons ${locale}`), [])
    await press.click()
    await orderState(page, 'RESERVED')
    const order = site.api.state.orders.get('o-1')
    assert.deepEqual([order?.total.amount, order?.discount.amount], [price - 1_000, 1_000])
  })
}
