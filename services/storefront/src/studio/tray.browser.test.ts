/** Up to three pins, and a tray that changes while the show is on: at the desk, and what viewers see of it within a second. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { makeProduct } from '../testing/fixture-state.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const shots = process.env.SCREENSHOTS
const shoot = async (page: Page, name: string) =>
  void (shots === undefined ? undefined : await page.screenshot({ path: `${shots}/${name}.png` }))
const pinnedIds = (page: Page) =>
  page
    .getByTestId(testIds.pinnedProduct)
    .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.productId))

for (const [name, width, height, locale] of [
  ['phone', 390, 844, 'ko-KR'],
  ['sideways', 844, 390, 'en-US'],
  ['desk', 1_440, 900, 'ko-KR'],
] as const) {
  test(`the seller pins, moves, hides and adds; a viewer sees it (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height, locale })
    const added = makeProduct('p-jam', '한라봉 잼 300g', 9_900, 12)
    site.api.state.products.set(added.id, added)
    await signIn(page)
    const viewer = await page.context().newPage()
    await viewer.goto(`${site.url}/watch/b-live`)
    await viewer.getByTestId(testIds.pinnedProduct).waitFor()
    await page.getByTestId(testIds.pin('p-honey')).click()
    await viewer.waitForFunction(
      (id) => document.querySelectorAll(`[data-testid="${id}"]`).length === 2,
      testIds.pinnedProduct,
    )
    await page.getByTestId(testIds.pin('p-tea')).click()
    await viewer.waitForFunction(
      (id) => document.querySelectorAll(`[data-testid="${id}"]`).length === 3,
      testIds.pinnedProduct,
    )
    assert.deepEqual(await pinnedIds(viewer), ['p-tangerine', 'p-honey', 'p-tea'])
    await shoot(viewer, `pins-viewer-${name}`)
    assert.deepEqual(await faultsOf(viewer, 'three pins'), [])
    const size = await viewer.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.scrollHeight,
    ])
    assert.deepEqual(size, [width, height], 'nothing reaches out of the window')
    const up = page.getByTestId(testIds.trayUp('p-tea'))
    await up.and(page.locator(':enabled')).press('Enter')
    await page.getByTestId(testIds.trayAdd).selectOption('p-jam')
    await page.getByTestId(testIds.trayAddSend).click()
    await page.getByTestId(testIds.trayUp('p-jam')).waitFor()
    await page.getByTestId(testIds.trayHide('p-tangerine')).click()
    await page.locator(`[data-testid="${testIds.trayHide('p-tangerine')}"][aria-pressed="true"]`).waitFor()
    await page.getByTestId(testIds.trayHide('p-tangerine')).scrollIntoViewIfNeeded()
    await shoot(page, `tray-desk-${name}`)
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'desk'), [])
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
    const sheet = viewer.getByTestId(testIds.openProducts)
    if (await sheet.isVisible()) await sheet.click()
    await viewer.getByTestId(testIds.productCard('p-jam')).waitFor({ state: 'visible' })
    const cards = await viewer
      .locator('.product')
      .filter({ visible: true })
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.testid))
    assert.deepEqual([...new Set(cards)], ['p-honey', 'p-tea', 'p-jam'].map(testIds.productCard))
    const tray = site.api.state.broadcasts.find(({ id }) => id === 'b-live')?.products.map(({ id }) => id)
    assert.deepEqual(tray, ['p-tea', 'p-honey', 'p-jam'], 'each press is made of what the one before it made')
  })
}

test('products that are pinned one after the other are all pinned, though the desk is not told of it yet', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/studio')
  await page.addInitScript(() => {
    class DeafSource extends EventSource {
      constructor(url: string | URL) {
        super(url)
        this.addEventListener('pin', (event) => event.stopImmediatePropagation())
      }
    }
    Object.assign(globalThis, { EventSource: DeafSource })
  })
  await signIn(page)
  await page.getByTestId(testIds.signOut).waitFor()
  await page.reload()
  for (const id of ['p-honey', 'p-tea']) {
    await page.getByTestId(testIds.pin(id)).click()
    await page.locator(`[data-testid="${testIds.pin(id)}"][aria-pressed="true"]:enabled`).waitFor()
  }
  const live = site.api.state.broadcasts.find(({ id }) => id === 'b-live')
  assert.deepEqual(live?.pinnedProductIds, ['p-tangerine', 'p-honey', 'p-tea'])
})

test('what is being bought stays on screen when the seller hides it', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', { width: 1_440, height: 900 })
  await signIn(page)
  await page.getByTestId(testIds.buy('p-honey')).first().click()
  await page.getByTestId(testIds.placeOrder).waitFor()
  site.api.push({ type: 'tray', data: { revision: 1, productIds: ['p-tangerine', 'p-tea'] } })
  await page.locator('.side').getByTestId(testIds.productCard('p-honey')).waitFor({ state: 'detached' })
  await page.getByTestId(testIds.placeOrder).click()
  await page.locator(`[data-testid="${testIds.countdown}"]`).first().waitFor()
})
