/** What sending costs, as sellers say it and buyers see it, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { orderState, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const phone = { width: 390, height: 844 }
const won = (amount: number) => ({ amount, currency: 'KRW' })
const rule = { fee: won(3_000), freeOver: won(50_000), remoteSurcharge: won(4_000), showCap: won(3_000) }
const sums = (page: Page) => page.getByTestId(testIds.sumRows)
const home = (n: number, recipient: string, postalCode: string, isDefault: boolean) => ({
  id: `adr-${n}`,
  recipient,
  phone: '010-1234-5678',
  country: 'KR',
  postalCode,
  roadAddress: '테헤란로 152',
  detail: '',
  memo: '',
  isDefault,
})

async function open(t: TestContext, locale: string) {
  const visit = await browser.visit(t, '/', { ...phone, locale })
  visit.site.api.shippingRule = rule
  visit.site.api.state.addresses = [home(1, '김민지', '06236', true), home(2, '제주 댁', '63309', false)]
  await visit.page.goto(`${visit.site.url}/watch/b-live?buy=p-tangerine`)
  await signIn(visit.page)
  return visit
}

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { locale, terms, remote } of [
  { locale: 'ko-KR', terms: /50,000원 이상 무료.*제주·도서산간 4,000원 추가/, remote: /7,000원/ },
  { locale: 'en-US', terms: /free from ₩50,000.*Jeju and islands ₩4,000 more/, remote: /₩7,000/ },
]) {
  test(`the first screen has the fee in its total, and another address changes it before it is paid (${locale})`, async (t) => {
    const { page, site } = await open(t, locale)
    const price = site.api.state.products.get('p-tangerine')?.price.amount ?? 0
    const total = (price + 3_000).toLocaleString('en')
    const press = page.getByTestId(testIds.placeOrder)
    await press.getByText(total).waitFor()
    await sums(page).getByText('3,000').waitFor()
    await page.getByText(terms).waitFor()
    assert.deepEqual(await faultsOf(page, `shipping ${locale}`), [])
    await press.click()
    await orderState(page, 'RESERVED')
    assert.equal(site.api.state.orders.get('o-1')?.total.amount, price + 3_000)
    await page.getByTestId(testIds.deliverElsewhere).click()
    await page.getByTestId(testIds.chooseAddress('adr-2')).click()
    await sums(page).getByText(remote).waitFor()
    await page
      .getByTestId(testIds.checkout)
      .getByText((price + 7_000).toLocaleString('en'))
      .first()
      .waitFor()
  })
}

test('a product’s page says the rule, and its seller sets it in the studio', async (t) => {
  const { page, site } = await browser.visit(t, '/orders', { ...phone, locale: 'ko-KR' })
  await signIn(page)
  await page.getByTestId(testIds.signOut).waitFor()
  await page.goto(`${site.url}/studio`)
  const form = page.getByTestId(testIds.shippingForm)
  await form.getByTestId(testIds.shippingField('fee')).fill('2500')
  await form.getByTestId(testIds.shippingField('showCap')).fill('2500')
  await form.getByText('배송비 2,500원 · 한 방송의 모든 주문에 배송비 한 번').waitFor()
  await form.getByRole('button').click()
  await form.getByText('저장했습니다').waitFor()
  assert.deepEqual(site.api.shippingRule, {
    fee: won(2_500),
    freeOver: null,
    remoteSurcharge: won(0),
    showCap: won(2_500),
  })
  await page.goto(`${site.url}/products/p-tangerine`)
  await page.getByTestId(testIds.shippingRule).getByText('배송비 2,500원').waitFor()
})
