/** Who meets something sold out waits for it, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { addShirt } from '../testing/fixture-state.ts'
import { orderState, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const phone = { width: 390, height: 844 }
const atPosition = (position: number) => `[data-testid="${testIds.waiting}"][data-position="${position}"]`

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

/** The sheet of the sold out tea, opened from its card, by whoever signed in there. */
async function open(t: TestContext, locale: string, wait: string) {
  const visit = await browser.visit(t, '/watch/b-live', { ...phone, locale })
  visit.site.api.waiting.ahead = 2
  await visit.page.getByTestId(testIds.openProducts).click()
  const card = visit.page.getByTestId(testIds.buy('p-tea')).last()
  await card.getByText(wait).waitFor()
  await card.click()
  await signIn(visit.page)
  return visit
}

for (const { locale, wait, turn } of [
  { locale: 'ko-KR', wait: '대기 신청', turn: '차례가 되었습니다' },
  { locale: 'en-US', wait: 'Wait for one', turn: 'It is your turn' },
]) {
  test(`in place of sold out: a place in line, its position, the unit that is kept, and its order (${locale})`, async (t) => {
    const { page, site } = await open(t, locale, wait)
    await page.getByTestId(testIds.joinList).click()
    await page.locator(atPosition(3)).waitFor()
    assert.deepEqual(await faultsOf(page, `waiting ${locale}`), [])
    await page.keyboard.press('Escape')
    await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
    site.api.offerUnit('p-tea', 120)
    const note = page.getByTestId(testIds.offerNote)
    await note.getByText(turn).waitFor()
    await note.getByTestId(testIds.countdown).waitFor()
    assert.deepEqual(await faultsOf(page, `offer ${locale}`), [])
    await note.click()
    await page.getByTestId(testIds.offeredUnit).getByText(turn).waitFor()
    await page.getByTestId(testIds.placeOrder).click()
    await orderState(page, 'RESERVED')
    assert.deepEqual([site.api.state.products.get('p-tea')?.stock, site.api.waiting.places], [0, []])
  })
}

test('a place is given up, kept over a reload, and an offer that runs out is told no more', async (t) => {
  const { page, site } = await open(t, 'ko-KR', '대기 신청')
  await page.getByTestId(testIds.joinList).click()
  await page.getByTestId(testIds.leaveList).click()
  await page.getByTestId(testIds.joinList).click()
  await page.locator(atPosition(3)).waitFor()
  await page.reload()
  await page.locator(atPosition(3)).waitFor()
  await page.keyboard.press('Escape')
  site.api.offerUnit('p-tea', 600)
  await page.getByTestId(testIds.offerNote).waitFor()
  site.api.offerUnit('p-tea', 3) // the note was seen, however long that took
  await page.getByTestId(testIds.offerNote).waitFor({ state: 'detached' })
  assert.equal(site.api.state.orders.size, 0)
})

test('a variant that is sold out can be chosen, to wait for it', async (t) => {
  const { page, site } = await browser.visit(t, '/', { ...phone, locale: 'ko-KR' })
  addShirt(site.api.state)
  await page.goto(`${site.url}/watch/b-live?buy=p-shirt`)
  await signIn(page)
  await page.getByTestId(testIds.optionValue(0, '먹색')).check()
  await page.getByTestId(testIds.optionValue(1, 'M')).check()
  await page.getByTestId(testIds.joinList).click()
  await page.locator(atPosition(1)).waitFor()
  assert.deepEqual(
    site.api.waiting.places.map(({ productId, variantId }) => [productId, variantId]),
    [['p-shirt', 'v-3']],
  )
})
