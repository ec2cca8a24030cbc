/** A show that is in no list: how a seller makes one, and is told at the desk what it is. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const [name, width, height, locale, badge] of [
  ['phone', 390, 844, 'ko-KR', '리허설'],
  ['desk', 1_440, 900, 'en-US', 'Rehearsal'],
] as const) {
  test(`a rehearsal is made by a tick, is called one at the desk, and its address is copied (${name}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height, locale })
    site.api.state.broadcasts.splice(0)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await signIn(page)
    await page.getByTestId(testIds.broadcastTitle).fill('Does the light do?')
    await page.getByTestId(testIds.broadcastRehearsal).check()
    await page.getByTestId(testIds.broadcastForm).locator('button[type=submit]').click()
    const desk = page.locator('.on-air')
    await desk.getByText(badge, { exact: true }).waitFor()
    const [made] = site.api.state.broadcasts
    assert.equal(made?.listed, false)
    const note = desk.getByTestId(testIds.rehearsal(made.id))
    await note.getByRole('button').click()
    const address = await page.waitForFunction(() => navigator.clipboard.readText().then((text) => text || undefined))
    assert.equal(await address.jsonValue(), `${site.url}/watch/${made.id}`)
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/rehearsal-${name}.png`, fullPage: true })
    assert.deepEqual(await faultsOf(page, 'desk'), [])
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })
}

test('a show that is in the lists is called nothing', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/studio')
  site.api.state.broadcasts.splice(0)
  await signIn(page)
  await page.getByTestId(testIds.broadcastTitle).fill('Tea, live')
  await page.getByTestId(testIds.broadcastForm).locator('button[type=submit]').click()
  await page.locator('.on-air').getByTestId(testIds.endBroadcast).waitFor()
  const [made] = site.api.state.broadcasts
  assert.equal(made?.listed, true)
  assert.equal(await page.getByTestId(testIds.rehearsal(made.id)).count(), 0)
})
