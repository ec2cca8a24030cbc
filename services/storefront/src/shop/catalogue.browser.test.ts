/** Products beyond a show: their pages, their sellers, and finding them; in both languages, by keyboard, small and large. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faultsOf } from '../testing/axe-faults.ts'
import { makePicture } from '../testing/catalogue-fixture.ts'
import { makeProduct } from '../testing/fixture-state.ts'
import { orderState, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser, type Visit } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser

before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const business = {
  name: '제주농장 주식회사',
  representative: '김보라',
  businessNumber: '1234567891',
  mailOrderNumber: '제2026-제주-0001호',
  address: '제주 서귀포시 중문로 1',
  phone: '064-123-4567',
}
const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth

function fill({ site }: Visit) {
  const { state } = site.api
  site.api.business = business
  const tangerine = state.products.get('p-tangerine')
  if (!tangerine) throw new Error('no tangerines')
  tangerine.description = '서귀포에서 오늘 아침에 땄습니다.\n껍질째 <b>드셔도</b> 됩니다.'
  state.pictures.set('p-tangerine', [
    makePicture(1, '상자에 담긴 감귤'),
    makePicture(2),
    makePicture(3, '반으로 자른 감귤'),
  ])
  tangerine.imageUrls = makePicture(1).imageUrls
  for (const [n, name] of ['여름원피스 빨강', '겨울 원피스', '원피스 앞치마'].entries()) {
    const product = makeProduct(`p-dress-${n}`, name, 30_000 - n * 5_000, 3)
    state.products.set(product.id, { ...product, category: 'fashion-women', imageUrls: makePicture(10 + n).imageUrls })
  }
}

const shots = process.env.SCREENSHOTS // a folder, for people to look at
const sizes = [
  { width: 390, height: 844, locale: 'ko-KR' },
  { width: 1440, height: 900, locale: 'en-US' },
] as const

for (const size of sizes) {
  const look = async ({ page }: Visit, name: string, faults: string[]) => {
    await page.evaluate(() => scrollTo(0, 0)) // what the header lies over is no question of colours
    faults.push(...(await faultsOf(page, name)))
    const wide = await page.evaluate(overflow)
    if (wide > 0) faults.push(`${name}: ${wide} pixels too wide`)
    if (shots) await page.screenshot({ path: `${shots}/${name}-${size.width}.png`, fullPage: true })
  }

  test(`a product’s page has its pictures, price, seller and shows, and takes the order (${size.locale})`, async (t) => {
    const faults: string[] = []
    const visit = await browser.visit(t, '/', size)
    const { page } = visit
    fill(visit)
    await page.goto(`${visit.site.url}/products/p-tangerine`)
    await page.getByTestId(testIds.productPage).waitFor()
    await page.getByTestId(testIds.broadcastCard('b-live')).waitFor()
    assert.equal(await page.getByTestId(testIds.broadcastCard('b-over')).count(), 0) // it is over
    assert.match(await page.locator('.product-about').innerText(), /땄습니다\.\n껍질째 <b>드셔도<\/b>/)
    const seller = await page.getByTestId(testIds.productSeller).innerText()
    for (const word of Object.values(business)) assert.ok(seller.includes(word), word)
    await look(visit, 'product', faults)
    // by keyboard alone
    await page.getByTestId(testIds.galleryChoice(3)).focus()
    await page.keyboard.press('Enter')
    await page.locator(`[data-testid="${testIds.galleryPicture}"][data-picture="i-3"]`).waitFor()
    assert.equal(
      await page.getByTestId(testIds.galleryPicture).getByRole('img').getAttribute('alt'),
      '반으로 자른 감귤',
    )
    await page.getByTestId(testIds.buy('p-tangerine')).focus()
    await page.keyboard.press('Enter')
    await signIn(page)
    await page.getByTestId(testIds.placeOrder).click()
    await orderState(page, 'RESERVED')
    assert.deepEqual(faults, [])
  })

  test(`a seller’s page has the business, shows and products (${size.locale})`, async (t) => {
    const faults: string[] = []
    const visit = await browser.visit(t, '/', size)
    const { page } = visit
    fill(visit)
    await page.goto(`${visit.site.url}/sellers/u-seller`)
    await page.getByTestId(testIds.productTile('p-tangerine')).waitFor()
    await page.getByText(business.mailOrderNumber).waitFor()
    for (const id of ['b-live', 'b-over', 'b-soon']) await page.getByTestId(testIds.broadcastCard(id)).waitFor()
    await look(visit, 'seller', faults)
    await page.getByTestId(testIds.foundMore).click()
    await page.getByTestId(testIds.productTile('p-tea')).waitFor()
    await page.getByTestId(testIds.productTile('p-tangerine')).getByRole('link').click()
    await page.getByTestId(testIds.productPage).waitFor()
    assert.deepEqual(faults, [])
  })

  test(`products are searched for, ordered and narrowed, and the address says how (${size.locale})`, async (t) => {
    const faults: string[] = []
    const visit = await browser.visit(t, '/', size)
    const { page } = visit
    fill(visit)
    await page.locator('.hero a[href="/search"]').click()
    await page.getByTestId(testIds.searchInput).fill('원피스')
    await page.keyboard.press('Enter')
    await page.getByTestId(testIds.productTile('p-dress-0')).waitFor()
    await page.getByTestId(testIds.searchSort).selectOption('cheapest')
    await page.getByTestId(testIds.productTile('p-dress-2')).waitFor()
    await look(visit, 'search', faults)
    assert.match(page.url(), /\/search\?q=%EC%9B%90%ED%94%BC%EC%8A%A4&sort=cheapest$/)
    await page.getByTestId(testIds.searchInput).fill('없는것')
    await page.keyboard.press('Enter')
    await page.locator(`[data-testid="${testIds.foundNews}"].muted`).waitFor()
    await page.goBack()
    await page.getByTestId(testIds.productTile('p-dress-2')).waitFor()
    await page.getByTestId(testIds.searchCategory).selectOption('food')
    await page.locator(`[data-testid="${testIds.foundNews}"].muted`).waitFor()
    assert.deepEqual(faults, [])
  })

  test(`a seller adds pictures, moves them by keyboard, says what they show, and copies a product (${size.locale})`, async (t) => {
    const faults: string[] = []
    const visit = await browser.visit(t, '/sign-in?next=/studio', size)
    const { page, site } = visit
    const { pictures, products } = site.api.state
    await signIn(page)
    await page.getByTestId(testIds.editProduct('p-tangerine')).click()
    const file = (name: string) => ({ name, mimeType: 'image/png', buffer: Buffer.from('png') })
    await page.getByTestId(testIds.addPictures).setInputFiles([file('a.png'), file('b.png')])
    await page.getByTestId(testIds.pictureAlt(2)).waitFor()
    const rows = page.getByTestId(testIds.pictureRows).locator('li')
    const [first, second] = (pictures.get('p-tangerine') ?? []).map(({ id }) => id)
    await rows.nth(1).getByRole('button').first().focus()
    await page.keyboard.press('Enter')
    await page.locator(`li[data-picture="${second}"]:first-child`).waitFor()
    assert.deepEqual(
      pictures.get('p-tangerine')?.map(({ id }) => id),
      [second, first],
    )
    await page.waitForFunction(
      (wanted) => document.activeElement?.closest('[data-picture]')?.getAttribute('data-picture') === wanted,
      second,
    )
    const told = await page.locator('.picture-editor [role="status"]').textContent()
    await page.getByTestId(testIds.pictureAlt(1)).fill('귤 상자')
    await page.keyboard.press('Tab')
    await page.waitForFunction(
      (before) => document.querySelector('.picture-editor [role="status"]')?.textContent !== before,
      told,
    )
    await look(visit, 'pictures', faults)
    await rows.nth(1).getByRole('button').last().click()
    await page.locator(`li[data-picture="${first}"]`).waitFor({ state: 'detached' })
    assert.deepEqual(
      pictures.get('p-tangerine')?.map(({ id, alt }) => [id, alt]),
      [[second, '귤 상자']],
    )
    await page.getByTestId(testIds.copyProduct('p-tangerine')).click()
    await page.getByTestId(testIds.studioProduct('p-4')).waitFor()
    assert.equal([...products.values()].filter(({ draft }) => draft).length, 1)
    assert.deepEqual(faults, [])
  })
}
