/** A buyer chooses among a product's variants, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { addShirt } from '../testing/fixture-state.ts'
import { fillCard, orderState, quoted, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const phone = { width: 390, height: 844 }
const value = (page: Page, option: number, text: string) => page.getByTestId(testIds.optionValue(option, text))
const press = (page: Page) => page.getByTestId(testIds.placeOrder)

/** The sheet of the shirt, by whoever signed in there. */
async function open(t: TestContext, locale: string) {
  const visit = await browser.visit(t, '/', { ...phone, locale })
  addShirt(visit.site.api.state)
  await visit.page.goto(`${visit.site.url}/watch/b-live?buy=p-shirt`)
  await signIn(visit.page)
  return visit
}

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { locale, choose, soldOut, from } of [
  { locale: 'ko-KR', choose: '색상 선택', soldOut: '품절', from: '39,000원부터' },
  { locale: 'en-US', choose: 'Choose 색상', soldOut: 'sold out', from: 'from ₩39,000' },
]) {
  test(`a variant is chosen, costs its own price, and is what is paid for (${locale})`, async (t) => {
    const { page, site } = await open(t, locale)
    await press(page).getByText(choose).waitFor()
    assert.equal(await press(page).isDisabled(), true)
    await page.getByText(from).waitFor()
    await page.getByText(`먹색 ${soldOut}`).waitFor() // its only size is gone, and may be waited for
    assert.deepEqual([await value(page, 0, '먹색').isDisabled(), await value(page, 1, 'M').isDisabled()], [false, true])
    assert.deepEqual(await faultsOf(page, `options ${locale}`), [])
    await value(page, 0, '감귤색').check()
    await value(page, 1, 'L').check()
    await press(page).getByText('42,000').waitFor()
    site.api.setVariantStock('p-shirt', 'v-2', 1)
    await page.locator(`[data-testid="${testIds.stock('v-2')}"][data-stock="1"]`).waitFor()
    await press(page).click()
    await orderState(page, 'RESERVED')
    await page.getByTestId(testIds.checkout).getByText('(감귤색 / L)').waitFor()
    const [order] = [...site.api.state.orders.values()]
    assert.deepEqual([order?.items[0]?.variantId, order?.total.amount], ['v-2', 42_000])
    await page.keyboard.press('Escape')
    await page.getByTestId(testIds.heldOrder).getByText('(감귤색 / L)').waitFor()
    await page.getByTestId(testIds.heldOrder).click()
    await fillCard(page, '4242424242424242')
    await page.getByTestId(testIds.pay).click()
    await orderState(page, 'PAID')
  })
}

test('with the keyboard alone: arrows go over the values that there are, and what is gone meanwhile is let go', async (t) => {
  const { page, site } = await open(t, 'ko-KR')
  await value(page, 0, '감귤색').focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  assert.equal(await value(page, 1, 'M').isChecked(), true)
  site.api.setVariantStock('p-shirt', 'v-1', 0)
  await page.getByTestId(testIds.waiting).waitFor()
  await value(page, 1, 'L').focus()
  await page.keyboard.press('Space')
  await press(page).getByText('42,000').waitFor()
  await quoted(page) // till then it cannot be pressed
  await press(page).press('Enter')
  await orderState(page, 'RESERVED')
})

test('a price that changed meanwhile is refused, and the new one is shown', async (t) => {
  const { page, site } = await open(t, 'ko-KR')
  await value(page, 0, '감귤색').check()
  await value(page, 1, 'M').check()
  await quoted(page)
  const variant = site.api.state.variants.get('p-shirt')?.[0]
  assert.ok(variant)
  variant.price = { ...variant.price, amount: 45_000 }
  await press(page).click()
  await page.getByTestId(testIds.checkoutError).waitFor()
  await press(page).getByText('45,000').waitFor()
  await press(page).click()
  await orderState(page, 'RESERVED')
})
