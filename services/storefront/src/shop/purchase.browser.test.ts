/** What a purchase survives, in a real browser: the sheet's end, a reload, a declined card, a keyboard. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { fillCard, focused, hasFocus, orderState, pictureMoves, quoted, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const phone = { width: 390, height: 844 }
const held = (page: Page) => page.getByTestId(testIds.heldOrder)

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

test('Back closes the sheet and stays with the show; a link with ?buy opens it', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', phone)
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click()
  await page.getByTestId(testIds.checkout).waitFor()
  assert.equal(page.url(), `${site.url}/watch/b-live?buy=p-honey`)
  await page.goBack()
  await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
  assert.equal(page.url(), `${site.url}/watch/b-live`)
  await page.goto(`${site.url}/watch/b-live?utm=kakao&buy=p-honey`)
  await page.getByTestId(testIds.checkout).waitFor()
  await hasFocus(page, 'sheet')
  await page.getByTestId(testIds.closeCheckout).click()
  await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
  assert.equal(page.url(), `${site.url}/watch/b-live?utm=kakao`)
})

test('who presses twice to close the sheet stays with the show', async (t) => {
  const { page, site } = await browser.visit(t, '/', phone)
  await page.goto(`${site.url}/watch/b-live`)
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click()
  await page.getByTestId(testIds.closeCheckout).evaluate((close: HTMLElement) => {
    close.click()
    close.click()
  })
  await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
  await page.getByTestId(testIds.openProducts).click()
  assert.equal(page.url(), `${site.url}/watch/b-live?products=`)
})

test('who closes the sheet, or loads the page anew, still holds the unit, sees for how long, and pays for that one', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', phone)
  site.api.setStock('p-honey', 1)
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await page.getByTestId(testIds.pay).waitFor()
  await page.keyboard.press('Escape')
  await held(page).getByTestId(testIds.countdown).waitFor()
  await page.reload()
  await held(page).waitFor()
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click() // none is left but the own one
  await orderState(page, 'RESERVED')
  await page.reload()
  await fillCard(page, '4242424242424242')
  await page.getByTestId(testIds.pay).click()
  await orderState(page, 'PAID')
  await page.getByTestId(testIds.closeCheckout).click()
  await held(page).waitFor({ state: 'detached' })
  assert.equal(site.api.state.orders.size, 1)
})

test('after a declined card the first thing to press is another card', async (t) => {
  const { page } = await browser.visit(t, '/watch/b-live?buy=p-honey', { ...phone, locale: 'en-US' })
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await fillCard(page, '4000000000000002')
  await page.getByTestId(testIds.pay).click()
  await page.getByTestId(testIds.pay).getByText('another card').waitFor()
  await page.getByTestId(testIds.checkoutError).waitFor()
})

test('by keyboard alone, from the product to paid and back: the focus is never nowhere, and each step is spoken', async (t) => {
  const { page } = await browser.visit(t, '/sign-in?next=/watch/b-live', { locale: 'en-US' })
  await signIn(page)
  await page.waitForURL('**/watch/b-live')
  await pictureMoves(page)
  const heard = () => page.getByTestId(testIds.checkoutNews)
  const lost = async (at: string) => assert.notEqual(await focused(page), 'BODY', at)
  const press = async (testId: string) => {
    await page.getByTestId(testId).focus()
    await page.keyboard.press('Enter')
  }
  await press(testIds.buy('p-honey'))
  await page.getByTestId(testIds.placeOrder).waitFor()
  await lost('opened')
  await quoted(page) // till then it cannot be pressed
  await press(testIds.placeOrder)
  await heard().getByText('Pay within 10 min').waitFor()
  await page.getByTestId(testIds.pay).waitFor()
  await lost('reserved')
  await fillCard(page, '4242424242424242')
  await page.getByTestId(testIds.cardCvc).press('Enter')
  await heard().getByText('Paid').waitFor()
  await lost('paid')
  await page.keyboard.press('Escape')
  await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
  await hasFocus(page, testIds.buy('p-honey')) // where it was
  await press(testIds.unmute)
  await page.getByTestId(testIds.unmute).waitFor({ state: 'detached' })
  await lost('the way to sound is gone')
})

test('a product that sells out under the focus leaves it there, on the way to wait for one', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await page.getByTestId(testIds.buy('p-honey')).waitFor()
  await page.getByTestId(testIds.buy('p-honey')).focus()
  site.api.setStock('p-honey', 0)
  await page.getByTestId(testIds.buy('p-honey')).getByText('대기 신청').waitFor()
  assert.equal(await focused(page), testIds.buy('p-honey'))
})
