/** A seller makes a product with options, and changes what is sold of it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { width, locale } of [
  { width: 390, locale: 'ko-KR' },
  { width: 1_440, locale: 'en-US' },
]) {
  test(`a product with two options, one combination left out, and then changed (${width}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height: 844, locale })
    await signIn(page)
    const form = page.locator('details', { has: page.getByTestId(testIds.productForm) })
    await form.locator('summary').click()
    await form.getByTestId(testIds.productName).fill('린넨 셔츠')
    await form.getByTestId(testIds.productPrice).fill('30000')
    for (const [n, [name, values]] of [
      ['색상', '흰색, 남색'],
      ['사이즈', 'M, L'],
    ].entries()) {
      await form.getByTestId(testIds.optionAdd).click()
      await form.getByTestId(testIds.optionName(n)).fill(name ?? '')
      await form.getByTestId(testIds.optionValues(n)).fill(values ?? '')
    }
    assert.equal(await form.getByTestId(testIds.productStock).count(), 0) // each variant has its own
    await form.getByTestId(testIds.variantCell(0, 'stock')).fill('5')
    await form.getByTestId(testIds.variantCell(1, 'stock')).fill('3')
    await form.getByTestId(testIds.variantCell(1, 'price')).fill('32000')
    await form.getByTestId(testIds.variantCell(1, 'sku')).fill('W-L')
    await form.getByTestId(testIds.variantSold(3)).uncheck()
    await page.evaluate(() => scrollTo(0, 0)) // the head of the page lies over what is scrolled under it
    assert.deepEqual(await faultsOf(page, `variants ${width}`), [])
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
    await form.locator('button[type=submit]').click()
    await page.getByTestId(testIds.studioProduct('p-4')).waitFor()
    const made = site.api.state.products.get('p-4')
    assert.ok(made)
    const sold = () => site.api.state.variants.get(made.id) ?? []
    assert.deepEqual(
      sold().map(({ values, stock, price, sku }) => [values.join(' '), stock, price.amount, sku]),
      [
        ['흰색 M', 5, 30_000, null],
        ['흰색 L', 3, 32_000, 'W-L'],
        ['남색 M', 0, 30_000, null],
      ],
    )
    await page.getByTestId(testIds.editProduct(made.id)).click()
    const edit = page.getByTestId(testIds.studioProduct(made.id))
    await edit.getByTestId(testIds.variantSold(3)).check()
    await edit.getByTestId(testIds.variantCell(3, 'stock')).fill('7')
    const [first] = sold()
    assert.ok(first)
    site.api.setVariantStock(made.id, first.id, 2) // three are sold while the form shows five
    await edit.getByTestId(testIds.variantCell(0, 'stock')).fill('10')
    await edit.locator('button[type=submit]').click()
    await edit.locator(`[data-testid="${testIds.stock(made.id)}"][data-stock="17"]`).waitFor()
    assert.deepEqual(
      sold().map(({ stock }) => stock),
      [7, 3, 0, 7],
    )
    await page.getByTestId(testIds.editProduct(made.id)).click()
    const values = edit.getByTestId(testIds.optionValues(0))
    const typed = await values.inputValue()
    const submit = edit.locator('button[type=submit]')
    await values.fill(Array.from({ length: 60 }, (_, n) => n).join())
    await edit.locator('p[role=alert]').waitFor()
    assert.equal(await submit.isDisabled(), true)
    await values.fill(typed)
    const extra = { ...first, id: 'v-meanwhile', values: ['회색', 'M'] }
    site.api.state.variants.set(made.id, [...sold(), extra]) // from elsewhere, after the form was opened
    await edit.getByTestId(testIds.productDescription).fill('시원합니다')
    await submit.click()
    await submit.waitFor({ state: 'detached' })
    assert.equal(sold().at(-1)?.id, extra.id)
  })
}
