/** A seller saves all products as a file, and takes one in after reading what it would do. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const korean = {
  looked: '새로 등록 1행, 수정 1행, 변경 없음 0행, 거절 1행. 아직 저장하지 않았습니다.',
  refused: '3번째 줄, 꿀: 거절가격: “많이”은(는) 넣을 수 없는 값입니다.',
  changed: '4번째 줄, 감귤: 수정재고: 42 → 50',
}
const english = {
  looked: '1 rows make something new, 1 change something, 0 change nothing, 1 are refused. Nothing is saved yet.',
  refused: 'Line 3, 꿀: refusedprice: “많이” is not taken here.',
  changed: 'Line 4, 감귤: changedstock: 42 → 50',
}

for (const [width, height, locale, texts] of [
  [390, 844, 'ko-KR', korean],
  [1_440, 900, 'en-US', english],
] as const) {
  test(`products go out as a file, and one comes in, line by line (${width}, ${locale})`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/studio', { width, height, locale })
    await signIn(page)
    await page.getByTestId(testIds.productFiles).locator('summary').click()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId(testIds.productFileSave).click(),
    ])
    assert.equal(saved.suggestedFilename(), 'products.csv')
    const bytes = await readFile(await saved.path())
    assert.equal(bytes.toString(), '\uFEFF"번호"\r\n') // the mark, by which Excel reads Korean, is there once

    const file = { name: '상품.csv', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('sku\na') }
    await page.getByTestId(testIds.productFile).setInputFiles(file)
    const outcome = page.locator(`[data-testid="${testIds.importOutcome}"][data-over="true"]`)
    await outcome.waitFor()
    assert.equal(await outcome.textContent(), texts.looked)
    assert.equal(await page.getByTestId(testIds.importLine(3)).textContent(), texts.refused)
    assert.equal(await page.getByTestId(testIds.importLine(4)).textContent(), texts.changed)
    assert.deepEqual(site.api.state.imports, [
      { dryRun: true, fromLine: 1 },
      { dryRun: true, fromLine: 4 },
    ])
    assert.equal(site.api.state.products.has('p-file'), false)
    await page.evaluate(() => scrollTo(0, 0)) // the head of the page lies over what is scrolled under it
    assert.deepEqual(await faultsOf(page, `product files ${width}`), [])
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(overflow), 0)

    await page.getByTestId(testIds.importApply).click()
    await page.getByTestId(testIds.studioProduct('p-file')).waitFor()
    assert.deepEqual(site.api.state.imports.slice(2), [
      { dryRun: false, fromLine: 1 },
      { dryRun: false, fromLine: 4 },
    ])
    assert.equal(await page.getByTestId(testIds.importApply).count(), 0)
  })
}
