/** Hearts, following, and how the mails of shows are stopped. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { pictureMoves, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const shots = process.env.SCREENSHOTS
const shoot = async (page: Page, name: string) =>
  void (shots === undefined ? undefined : await page.screenshot({ path: `${shots}/${name}.png` }))
const heartsShown = (page: Page, hearts: number) =>
  page.locator(`[data-testid="${testIds.heart}"][data-hearts="${hearts}"]`).waitFor()

for (const [name, width, height, locale, upright] of [
  ['phone', 390, 844, 'ko-KR', true],
  ['sideways', 844, 390, 'en-US', false],
  ['desk', 1_440, 900, 'ko-KR', false],
] as const) {
  test(`hearts are counted at once and sent together; the seller is followed (${name}, ${locale})`, async (t) => {
    const visit = await browser.visit(t, '/sign-in?next=/watch/b-live', { width, height, locale, upright })
    const { page, site } = visit
    await signIn(page)
    await pictureMoves(page)
    await heartsShown(page, 318)
    const sent = page.waitForResponse(
      (answer) => answer.url().endsWith('/hearts') && answer.request().method() === 'POST',
    )
    await page.getByTestId(testIds.heart).focus()
    await page.evaluate(() => {
      const button = document.activeElement as HTMLElement
      const shown: (string | undefined)[] = []
      new MutationObserver(() => shown.push(button.dataset['hearts'])).observe(button, { attributes: true })
      Object.assign(globalThis, { shown })
      for (let press = 0; press < 4; press++) button.click() // within one second
    })
    await heartsShown(page, 322)
    await sent
    assert.deepEqual(site.api.audience.given, [4])
    site.api.push({ type: 'hearts', data: { hearts: 330 } })
    await heartsShown(page, 330)
    const counts = await page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown.map(Number))
    assert.deepEqual([...new Set(counts)].slice(-2), [322, 330], 'none is counted twice')
    await page.getByTestId(testIds.follow).click()
    await page.locator(`[data-testid="${testIds.follow}"][aria-pressed="true"]`).waitFor()
    await shoot(page, `hearts-${name}`)
    assert.deepEqual(await faultsOf(page, 'hearts'), [])
    assert.equal(site.api.audience.follows.get('u-seller')?.notify, true)
    await page.waitForFunction(() => document.querySelectorAll('.flight').length === 0)
    const size = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.scrollHeight,
    ])
    assert.deepEqual(size, [width, height], 'nothing reaches out of the window')
    await page.goto(`${site.url}/account`)
    await page.getByTestId(testIds.followed('u-seller')).getByRole('checkbox').click()
    await page.locator(`[data-testid="${testIds.followed('u-seller')}"] input:not(:checked)`).waitFor()
    await shoot(page, `follows-${name}`)
    await page.evaluate(() => scrollTo(0, 0)) // what the header covers is no question of colours
    assert.deepEqual(await faultsOf(page, 'account'), [])
    await page.getByTestId(testIds.followed('u-seller')).getByRole('button').click()
    await page.getByTestId(testIds.followed('u-seller')).waitFor({ state: 'detached' })
  })
}

test('who is not signed in is asked to, over the show, and gives no heart', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', { width: 390, height: 844 })
  await page.getByTestId(testIds.heart).click()
  await page.getByTestId(testIds.signInForm).waitFor()
  assert.deepEqual(site.api.audience.given, [])
})

test('where the system asks for less motion no heart flies', async (t) => {
  const { page } = await browser.visit(t, '/sign-in?next=/watch/b-live', { width: 390, height: 844 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await signIn(page)
  await page.getByTestId(testIds.heart).click()
  await heartsShown(page, 319)
  assert.equal(await page.locator('.flight').count(), 0)
})

for (const [token, state] of [
  ['a-good-token', 'done'],
  ['cut-off', 'ended'],
] as const) {
  test(`mails of shows are stopped by a press on their link’s page, with ${token}: ${state}`, async (t) => {
    const { page, site } = await browser.visit(t, `/account/mail-stop#${token}`, { width: 390, height: 844 })
    assert.deepEqual(site.api.audience.stopped, [], 'to look at it stops nothing')
    await page.getByTestId(testIds.submit).click()
    await page.locator(`[data-testid="${testIds.mailNote}"][data-state="${state}"]`).waitFor()
    await page.waitForURL(({ hash }) => hash === '')
    if (state === 'done') await shoot(page, 'mail-stop-phone')
    assert.deepEqual(await faultsOf(page, 'mail stop'), [])
  })
}
