/** A forgotten password and an unverified address, by the links of mails. */
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const noted = (page: Page, state: string) =>
  page.locator(`[data-testid="${testIds.mailNote}"][data-state="${state}"]`).waitFor()

test('who forgot the password is led from the sign-in page to a link by mail', async (t) => {
  const { page } = await browser.visit(t, '/sign-in', { locale: 'ko-KR' })
  await page.getByTestId(testIds.forgotPassword).click()
  await page.getByTestId(testIds.email).fill('minji@example.com')
  await page.getByTestId(testIds.submit).click()
  await noted(page, 'sent')
})

test('the link sets a new password, and its token does not stay in the address bar', async (t) => {
  const { page } = await browser.visit(t, '/account/reset#a-good-token', { locale: 'en-US' })
  await page.getByTestId(testIds.newPassword).fill('a new long password')
  await page.waitForURL(({ hash }) => hash === '')
  await page.getByTestId(testIds.submit).click()
  await noted(page, 'done')
})

test('a link that was used says so and leads to another one', async (t) => {
  const { page } = await browser.visit(t, '/account/reset#used-up', { locale: 'en-US' })
  await page.getByTestId(testIds.newPassword).fill('a new long password')
  await page.getByTestId(testIds.submit).click()
  await noted(page, 'ended')
  await page.locator('a[href="/account/forgot"]').click()
  await page.getByTestId(testIds.forgotForm).waitFor()
})

for (const [token, state] of [
  ['a-good-token', 'done'],
  ['used-up', 'ended'],
]) {
  test(`a link that verifies, with ${token}: ${state}`, async (t) => {
    const { page } = await browser.visit(t, `/account/verify#${token}`, { locale: 'en-US' })
    await noted(page, state ?? '')
    await page.waitForURL(({ hash }) => hash === '')
  })
}
