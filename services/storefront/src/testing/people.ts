import type { Page } from 'playwright-core'
import { testIds } from './test-ids.ts'

/** Fills the sign-in form that is on the page, and sends it. */
export async function signIn(page: Page): Promise<void> {
  await page.getByTestId(testIds.email).fill('minji@example.com')
  await page.getByTestId(testIds.password).fill('a good password')
  await page.getByTestId(testIds.submit).click()
}

/** Fills the card form; the rest of the card is good. */
export async function fillCard(page: Page, number: string): Promise<void> {
  await page.getByTestId(testIds.cardNumber).fill(number)
  await page.getByTestId(testIds.cardExpiry).fill('12/40')
  await page.getByTestId(testIds.cardCvc).fill('737')
}

/** The button that orders says what the service quoted, and can be pressed. */
export const quoted = (page: Page) => page.getByTestId(testIds.placeOrder).and(page.locator(':enabled')).waitFor()

/** The order on screen is in the state. */
export const orderState = (page: Page, state: string) =>
  page.locator(`[data-testid="${testIds.orderState}"][data-state="${state}"]`).waitFor()

/** What has the keyboard's focus: `BODY` when nothing has. */
export const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.getAttribute('data-testid') || activeElement?.className || activeElement?.tagName || ''
  })

/** Waits until that has the keyboard's focus, named as `focused` names it. */
export const hasFocus = (page: Page, what: string) =>
  page.waitForFunction((wanted) => {
    const { activeElement } = document
    return (activeElement?.getAttribute('data-testid') || activeElement?.className) === wanted
  }, what)

/** Waits until the picture moves, and the page shows what belongs to it. */
export const pictureMoves = (page: Page) =>
  page.waitForFunction(() => {
    const video = document.querySelector('video')
    const plays = video !== null && !video.paused && video.readyState > 2 && video.currentTime > 0.3
    return plays && video.dataset.playerState === 'playing' // the page looks four times a second
  })
