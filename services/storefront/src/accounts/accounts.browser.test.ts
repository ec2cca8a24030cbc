/** Who is signed in, over tabs, outages and one browser that several people use. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const bo = { id: 'u-2', displayName: '보람' }

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

async function signIn(page: Page): Promise<void> {
  await page.getByTestId(testIds.email).fill('minji@example.com')
  await page.getByTestId(testIds.password).fill('a long password')
  await page.getByTestId(testIds.submit).click()
}

const isSignedIn = (page: Page, name: string) =>
  page.locator(`[data-testid="${testIds.accountName}"]`, { hasText: name }).waitFor()

test('a stream key is shown to whom it was issued: who signs in after them on this tab does not see it', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-up')
  await page.getByTestId(testIds.displayName).fill('민지')
  await signIn(page)
  await page.getByTestId(testIds.streamKey).waitFor()
  await page.getByTestId(testIds.signOut).click()
  site.api.account = bo
  await page.locator('a[href="/sign-in"]').click() // no reload: the tab's memory is what is looked at
  await signIn(page)
  await isSignedIn(page, '보람')
  await page.locator('a[href="/studio"]').click()
  await page.getByTestId(testIds.rotateStreamKey).waitFor()
  assert.equal(await page.getByTestId(testIds.streamKey).count(), 0)
})

test('another tab signs in as somebody else: this one has their name too, and signs out with it', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in')
  await signIn(page)
  await isSignedIn(page, '민지')
  const other = await page.context().newPage()
  await other.goto(`${site.url}/`)
  await isSignedIn(other, '민지')
  await other.getByTestId(testIds.signOut).click()
  await page.getByTestId(testIds.accountName).waitFor({ state: 'detached' })
  site.api.account = bo
  await other.goto(`${site.url}/sign-in`)
  await signIn(other)
  await isSignedIn(other, '보람')
  await isSignedIn(page, '보람')
})

for (const status of [503, 429]) {
  test(`a service that answers ${status} when the page loads is asked again: nobody is signed out by it`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in')
    await signIn(page)
    await isSignedIn(page, '민지')
    site.api.refusals = { path: /sessions\/refresh$/, status, times: 2 }
    await page.reload()
    await isSignedIn(page, '민지')
    assert.equal(site.api.refusals.times, 0)
  })
}

test('the account’s page changes the password, shows where it is signed in, and deletes it', async (t) => {
  const { page } = await browser.visit(t, '/sign-in', { locale: 'en-US' })
  await signIn(page)
  await page.getByTestId(testIds.accountName).click()
  await page.getByTestId(testIds.sessionList).locator('li').nth(1).waitFor()
  const form = page.getByTestId(testIds.passwordForm)
  const change = async (current: string) => {
    await page.getByTestId(testIds.currentPassword).fill(current)
    await page.getByTestId(testIds.newPassword).fill('another long password')
    await form.locator('button').click()
  }
  await change('wrong password')
  await form.getByText('The current password is another one.').waitFor()
  await change('a long password')
  await form.getByText('Your password is changed').waitFor()
  await page.getByTestId(testIds.deletionPassword).fill('another long password')
  await page.getByRole('button', { name: 'Delete account' }).click()
  await page.getByTestId(testIds.accountName).waitFor({ state: 'detached' })
})
