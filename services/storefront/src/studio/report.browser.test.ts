/** What became of a show, on one page: figures, minutes, products, the chat as a file. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const shots = process.env.SCREENSHOTS

for (const [name, width, height, locale, sales, rate] of [
  ['phone', 390, 844, 'ko-KR', '1,154,200원', '3.9%'],
  ['sideways', 844, 390, 'en-US', '₩1,154,200', '3.9%'],
  ['desk', 1_440, 900, 'ko-KR', '1,154,200원', '3.9%'],
] as const) {
  test(`a seller reads the report and saves the chat (${name}, ${locale})`, async (t) => {
    const { page } = await browser.visit(t, '/sign-in?next=/studio/report/b-over', { width, height, locale })
    await signIn(page)
    const figures = page.getByTestId(testIds.showReport)
    await figures.getByText(sales).first().waitFor()
    await figures.getByText(rate).waitFor()
    if (shots !== undefined) await page.screenshot({ path: `${shots}/report-${name}.png` })
    assert.deepEqual(await faultsOf(page, 'report'), [])
    await page.locator('summary').click()
    await page.locator('details tbody tr').nth(29).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testIds.chatFile).click()])
    assert.equal(file.suggestedFilename(), 'chat-b-over.csv')
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })
}
