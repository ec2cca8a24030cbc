/** From the button that pays to a doorstep and back, in a real browser, by its buyer and its seller; the services are the fixture's. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { homeAddress, makeWay } from '../testing/fixture-state.ts'
import { signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser

before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const order = (id: string, quantity = 2) => ({
  id,
  productId: 'p-honey',
  paymentId: 'pay-1',
  broadcastId: null,
  quantity,
  items: [
    {
      productId: 'p-honey',
      variantId: 'p-honey',
      options: [],
      name: '야생화 꿀 500g',
      imageUrls: null,
      quantity,
      unitPrice: { amount: 24_000, currency: 'KRW' },
      dealId: null,
    },
  ],
  state: 'PAID' as const,
  total: { amount: 24_000 * quantity, currency: 'KRW' },
  shipping: { amount: 0, currency: 'KRW' },
  discount: { amount: 0, currency: 'KRW' },
  refunded: { amount: 0, currency: 'KRW' },
  expiresAt: null,
  createdAt: new Date().toISOString(),
})
const wayIs = (page: Page, id: string, state: string) =>
  page.locator(`[data-testid="${testIds.orderWay(id)}"][data-state="${state}"]`).waitFor()
const saleIs = (page: Page, id: string, state: string) =>
  page.locator(`[data-testid="${testIds.deskSale(id)}"][data-state="${state}"]`).waitFor()

/** Faults on the page from its top: what the header covers is no question of colours. */
async function faultsFromTop(page: Page, name: string): Promise<string[]> {
  await page.evaluate(() => scrollTo(0, 0))
  return await faultsOf(page, name)
}

/** What reaches beyond the page's width. */
const tooWide = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 160)),
  )

test('who has a default address sees it above the card and only pays; another one is two presses away', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', { width: 390, height: 844 })
  site.api.state.addresses = ['김민지', '부모님 댁'].map((recipient, n) => ({
    ...homeAddress,
    id: `adr-${n + 1}`,
    recipient,
    isDefault: n === 0,
  }))
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await page.getByTestId(testIds.deliverTo).getByText('김민지').waitFor()
  await page.getByTestId(testIds.cardNumber).waitFor()
  assert.equal(site.api.state.ways.get('o-1')?.address?.recipient, '김민지')
  await page.getByTestId(testIds.deliverElsewhere).click()
  await page.getByTestId(testIds.chooseAddress('adr-2')).click()
  await page.getByTestId(testIds.deliverTo).getByText('부모님 댁').waitFor()
  assert.equal(site.api.state.ways.get('o-1')?.address?.recipient, '부모님 댁')
})

test('who has none enters one before the card is asked for, and the book keeps it', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live', { locale: 'en-US' })
  site.api.state.addresses = []
  await page.getByTestId(testIds.buy('p-honey')).first().click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await page.getByTestId(testIds.addressForm).waitFor()
  assert.equal(await page.getByTestId(testIds.cardNumber).count(), 0)
  for (const [field, value] of [
    ['recipient', '박수진'],
    ['phone', '010-9876-5432'],
    ['postalCode', '63309'],
    ['roadAddress', '제주특별자치도 제주시 첨단로 242'],
  ] as const) {
    await page.getByTestId(testIds.address(field)).fill(value)
  }
  await page.getByTestId(testIds.addressSave).click()
  await page.getByTestId(testIds.cardNumber).waitFor()
  assert.deepEqual(
    site.api.state.addresses.map(({ recipient, isDefault }) => [recipient, isDefault]),
    [['박수진', true]],
  )
  assert.equal(site.api.state.ways.get('o-1')?.address?.postalCode, '63309')
})

test('goods that are not sent are paid without an address', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  site.api.state.addresses = []
  site.api.state.ways.set('o-1', makeWay('o-1', { requiresShipping: false }))
  await page.getByTestId(testIds.buy('p-honey')).first().click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await page.getByTestId(testIds.cardNumber).waitFor()
})

for (const [locale, width, height] of [
  ['ko-KR', 390, 844],
  ['en-US', 1_440, 900],
] as const) {
  test(`a seller ships, the buyer sees each step, sends one of two back and is refunded (${locale}, ${width})`, async (t) => {
    const { page: desk, site } = await browser.visit(t, '/studio/orders', { locale, width, height })
    site.api.state.orders.set('o-1', order('o-1'))
    await signIn(desk)
    await saleIs(desk, 'o-1', 'PAID')
    const home = await desk.context().newPage()
    await home.goto(`${site.url}/orders`)
    await wayIs(home, 'o-1', 'PAID')
    await desk.getByTestId(testIds.saleDeed('ship', 'o-1')).click()
    await desk.getByTestId(testIds.carrier).fill('CJ대한통운')
    await desk.getByTestId(testIds.trackingNumber).fill('123456789012')
    await desk.getByTestId(testIds.shipSend).click()
    await Promise.all([saleIs(desk, 'o-1', 'SHIPPED'), wayIs(home, 'o-1', 'SHIPPED')])
    await home.getByTestId(testIds.orderWay('o-1')).getByText('123456789012').waitFor()
    Object.assign(site.api.state.ways.get('o-1') ?? {}, { mayDo: ['deliver'] })
    await desk.reload()
    await desk.getByTestId(testIds.saleDeed('deliver', 'o-1')).click()
    await wayIs(home, 'o-1', 'DELIVERED')
    await home.getByTestId(testIds.orderDeed('return', 'o-1')).click()
    await home.getByTestId(testIds.claimUnits('p-honey')).fill('1')
    await home.getByTestId(testIds.claimReason).fill('병이 깨졌어요')
    await home.getByTestId(testIds.claimSend).click()
    const claim = (page: Page, state: string) =>
      page.locator(`[data-testid="${testIds.claim('clm-1')}"][data-state="${state}"]`).waitFor()
    await Promise.all([claim(home, 'REQUESTED'), claim(desk, 'REQUESTED')])
    assert.deepEqual(site.api.state.ways.get('o-1')?.claims[0]?.items, [
      { productId: 'p-honey', variantId: 'p-honey', quantity: 1 },
    ])
    assert.deepEqual(await faultsFromTop(desk, 'desk'), [])
    await desk.getByTestId(testIds.claimDeed('collect', 'clm-1')).click()
    await claim(home, 'COLLECTING')
    await desk.getByTestId(testIds.claimRestock('clm-1')).uncheck()
    await desk.getByTestId(testIds.claimDeed('complete', 'clm-1')).click()
    await home.locator(`[data-testid="${testIds.claimRefund('clm-1')}"][data-state="DONE"]`).waitFor()
    assert.equal(site.api.state.ways.get('o-1')?.claims[0]?.restock, false)
    assert.deepEqual(await faultsFromTop(home, 'orders'), [])
    for (const page of [desk, home]) {
      assert.deepEqual(await tooWide(page), [])
    }
  })
}

test('pasted lines are shipped, and the ones that are not say why; files for the packer are saved', async (t) => {
  const { page, site } = await browser.visit(t, '/studio/orders', { locale: 'en-US' })
  site.api.state.orders.set('o-1', order('o-1'))
  await signIn(page)
  await saleIs(page, 'o-1', 'PAID')
  await page.getByTestId(testIds.bulkShip).locator('summary').click()
  await page.getByTestId(testIds.bulkLines).fill('o-1,CJ,1111\no-none,CJ,2222')
  await page.getByTestId(testIds.bulkSend).click()
  await page.locator(`[data-testid="${testIds.bulkRefused(2)}"][data-code="not_found"]`).waitFor()
  await saleIs(page, 'o-1', 'SHIPPED')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId(testIds.deskFile('labels')).click(),
  ])
  assert.equal(file.suggestedFilename(), 'labels.csv')
  await page.getByTestId(testIds.salesFile).locator('summary').click()
  const [books] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testIds.salesFileSave).click()])
  assert.match(books.suggestedFilename(), /^sales-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/)
})

test('the address book is kept on the account page', async (t) => {
  const { page, site } = await browser.visit(t, '/account', { width: 390, height: 844 })
  await signIn(page)
  const book = page.getByTestId(testIds.addressBook)
  await book.getByText('김민지').waitFor()
  await page.getByTestId(testIds.addressAdd).click()
  await page.getByTestId(testIds.address('recipient')).fill('회사')
  await page.getByTestId(testIds.address('phone')).fill('02-123-4567')
  await page.getByTestId(testIds.address('postalCode')).fill('04524')
  await page.getByTestId(testIds.address('roadAddress')).fill('서울특별시 중구 세종대로 110')
  await page.getByTestId(testIds.addressSave).click()
  await book.getByText('세종대로 110').waitFor()
  const changed = page.waitForResponse((answer) => answer.request().method() === 'PUT')
  await book.getByRole('button', { name: '기본으로 설정' }).click()
  await changed
  await book.getByRole('button', { name: '기본으로 설정' }).waitFor()
  assert.deepEqual(
    site.api.state.addresses.map(({ recipient, isDefault }) => [recipient, isDefault]),
    [
      ['회사', true],
      ['김민지', false],
    ],
  )
  assert.deepEqual(await faultsFromTop(page, 'addresses'), [])
})
