/** A seller bars the buyer of an order, sees who is barred, and takes their orders again; in both languages. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser

before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

for (const { locale, title, unknown, admit, none } of [
  {
    locale: 'ko-KR',
    title: '차단한 구매자',
    unknown: '이 번호의 판매 주문이 없습니다.',
    admit: '차단 해제: 수진',
    none: '차단한 구매자가 없습니다.',
  },
  {
    locale: 'en-US',
    title: 'Barred buyers',
    unknown: 'No order of yours has this number.',
    admit: 'Take orders again: 수진',
    none: 'Nobody is barred.',
  },
]) {
  test(`whose order it is is shown before they are barred, and barred they are until the seller relents (${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in', { width: 390, height: 844, locale })
    await page.getByTestId(testIds.email).fill('minji@example.com')
    await page.getByTestId(testIds.password).fill('a good password')
    await page.getByTestId(testIds.submit).click()
    await page.getByTestId(testIds.accountName).waitFor({ state: 'attached' })
    await page.locator('a[href="/studio"]').click()
    await page.getByRole('link', { name: title }).click()
    await page.getByText(none).waitFor()
    const find = async (order: string) => {
      await page.getByTestId(testIds.barOrder).fill(order)
      await page.getByTestId(testIds.barOrderFind).click()
    }
    await find('o-of-somebody')
    await page.getByText(unknown).waitFor()
    await find('o-sold')
    await page.getByTestId(testIds.barBuyer).click()
    assert.equal(site.api.barred.size, 0) // asked once more
    await page.getByTestId(testIds.confirm).click()
    await page.getByTestId(testIds.barredBuyer('acc-9')).waitFor()
    assert.deepEqual([...site.api.barred.keys()], ['acc-9'])
    await page.getByRole('button', { name: admit }).click()
    await page.getByText(none).waitFor()
    assert.equal(site.api.barred.size, 0)
    const author = { id: 'acc-5', role: 'viewer' as const }
    site.api.push({ type: 'chat', data: { id: '1', displayName: '보람', text: '안녕', at: '', author } })
    await page.getByTestId(testIds.barChatName).fill('보람')
    await page.getByTestId(testIds.barChatter('acc-5')).getByTestId(testIds.barBuyer).click()
    await page.getByTestId(testIds.confirm).click()
    await page.getByTestId(testIds.barredBuyer('acc-5')).waitFor()
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)
  })
}
