/** Timed deals in a real browser: the seller starts and ends one, viewers see its price, and order at it or are told the other. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { orderState, quoted, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const shots = process.env.SCREENSHOTS
const shoot = async (page: Page, name: string) =>
  void (shots === undefined ? undefined : await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true }))
const phone = { width: 390, height: 844 }
const won = (amount: number) => ({ amount, currency: 'KRW' })
const card = (page: Page) => page.getByTestId(testIds.productCard('p-tangerine'))
const dealOn = (page: Page, remaining: number) =>
  page.locator(`[data-testid="${testIds.deal('p-tangerine')}"][data-remaining="${remaining}"]`).first()
/** Whether the usual price of the card is struck through. */
const isStruck = (page: Page) =>
  card(page)
    .locator('.usual')
    .evaluate((usual) => getComputedStyle(usual).textDecorationLine === 'line-through')

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { locale, usual, less, left, title } of [
  { locale: 'ko-KR', usual: '19,900원', less: '14,900원', left: '특가 3개 남음', title: '타임 특가' },
  { locale: 'en-US', usual: '₩19,900', less: '₩14,900', left: '3 left at this price', title: 'Timed deals' },
]) {
  test(`a seller starts a deal, a viewer orders at its price, and it is gone when the seller ends it (${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width: 1_440, height: 900, locale })
    await signIn(page)
    await page.getByRole('heading', { name: title }).waitFor()
    const viewer = await page.context().newPage()
    await viewer.setViewportSize(phone)
    await viewer.goto(`${site.url}/watch/b-live`)
    await viewer.getByTestId(testIds.openProducts).click()
    await card(viewer).getByText(usual).waitFor()
    assert.equal(await isStruck(viewer), false)

    await page.getByTestId(testIds.dealField('product')).selectOption('p-tangerine')
    await page.getByTestId(testIds.dealField('off')).fill('5000')
    await page.getByTestId(testIds.dealField('units')).fill('3')
    await page.getByTestId(testIds.dealField('seconds')).selectOption('1800') // longer than the test, and the longest text
    await page.getByTestId(testIds.dealStart).click()
    await card(viewer).getByText(less).waitFor()
    await card(viewer).getByText(left).waitFor()
    assert.equal(await isStruck(viewer), true)
    await shoot(viewer, `deals-card-${locale}`)
    assert.deepEqual(await faultsOf(viewer, `a deal's card ${locale}`), [])

    await card(viewer).getByTestId(testIds.buy('p-tangerine')).click()
    const button = viewer.getByTestId(testIds.placeOrder)
    await button.getByText(less).waitFor()
    await shoot(viewer, `deals-sheet-${locale}`)
    assert.deepEqual(await faultsOf(viewer, `a deal's sheet ${locale}`), [])
    await button.click()
    await orderState(viewer, 'RESERVED')
    const [order] = [...site.api.state.orders.values()]
    assert.deepEqual([order?.total, order?.items[0]?.dealId], [won(14_900), 'deal_1'])

    const row = page.getByTestId(testIds.dealRow('deal_1'))
    await page.locator(`[data-testid="${testIds.dealRow('deal_1')}"][data-sold="1"][data-running="true"]`).waitFor()
    await page.evaluate(() => scrollTo(0, 0)) // the site's head lies over nothing there
    await shoot(page, `deals-desk-${locale}`)
    assert.deepEqual(await faultsOf(page, `the deals' desk ${locale}`), [])
    await viewer.reload()
    await dealOn(viewer, 2).waitFor({ state: 'attached' })
    await row.getByTestId(testIds.dealEnd('deal_1')).click()
    await page.locator(`[data-testid="${testIds.dealRow('deal_1')}"][data-running="false"]`).waitFor()
    await viewer.getByTestId(testIds.deal('p-tangerine')).first().waitFor({ state: 'detached' })
  })
}

test('the pinned card counts down by the server’s clock, whatever the phone says, and to the end by itself', async (t) => {
  const { page, site } = await browser.visit(t, '/', { ...phone, locale: 'ko-KR' })
  await page.addInitScript(() => {
    const real = Date.now
    Date.now = () => real() + 3_600_000
  })
  const product = site.api.state.products.get('p-tangerine')
  assert.ok(product)
  await page.goto(`${site.url}/watch/b-live`)
  await page.getByTestId(testIds.pinnedProduct).waitFor()
  const deal = site.api.deals.start(product, { productId: product.id, off: won(5_000), units: 3, seconds: 20 })
  site.api.push({ type: 'deal', data: deal })
  const shown = page.getByTestId(testIds.pinnedProduct).getByTestId(testIds.deal(product.id))
  const { seconds, real } = await shown.evaluate(async (element: HTMLElement, endsAt) => {
    // in the moment in which it changes: it is as old as the page's last turn else
    await new Promise((resolve) =>
      new MutationObserver(resolve).observe(element, { attributeFilter: ['data-seconds'] }),
    )
    const nowMs = performance.timeOrigin + performance.now()
    return { seconds: Number(element.dataset['seconds']), real: (Date.parse(endsAt) - nowMs) / 1_000 }
  }, deal.endsAt)
  await shoot(page, 'deals-pinned')
  assert.ok(Math.abs(seconds - real) < 3, `${seconds} s shown, ${real} s left`)
  await shown.waitFor({ state: 'detached' })
})

test('a deal that is used up between the view and the press reserves nothing, and the new total is said', async (t) => {
  const { page, site } = await browser.visit(t, '/', { ...phone, locale: 'ko-KR' })
  const product = site.api.state.products.get('p-tangerine')
  assert.ok(product)
  const deal = site.api.deals.start(product, { productId: product.id, off: won(5_000), units: 1, seconds: 600 })
  product.deal = { ...deal } // what viewers read is of a moment ago
  await page.goto(`${site.url}/watch/b-live?buy=p-tangerine`)
  await signIn(page)
  const button = page.getByTestId(testIds.placeOrder)
  await button.getByText('14,900원').waitFor()
  await quoted(page)
  site.api.deals.take(deal, 1) // somebody was faster, and the word of it is not here yet
  await button.click()
  await page.getByTestId(testIds.checkoutError).waitFor()
  await button.getByText('19,900원').waitFor()
  assert.equal(site.api.state.orders.size, 0)
})
