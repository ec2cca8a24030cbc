/** The built site in a real browser, served by the real static server; the services are the fixture's. */
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { faultsOf } from './testing/axe-faults.ts'
import { fillCard, orderState, pictureMoves, signIn } from './testing/people.ts'
import { startTestBrowser, type TestBrowser } from './testing/test-browser.ts'
import { testIds } from './testing/test-ids.ts'

let browser: TestBrowser

before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

const visit = (t: TestContext, path: string, options?: { width?: number; height?: number; locale?: string }) =>
  browser.visit(t, path, options)

const stock = (page: Page, productId: string, units: number) =>
  page
    .locator(`[data-testid="${testIds.stock(productId)}"][data-stock="${units}"]`)
    .first()
    .waitFor()

test('the list leads to the watch page, the picture moves, and the quality menu changes the rendition', async (t) => {
  const { page } = await visit(t, '/')
  await page.getByTestId(testIds.broadcastCard('b-live')).click()
  const height = (lines: number) =>
    page.waitForFunction((wanted) => document.querySelector('video')?.videoHeight === wanted, lines)
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1)
  for (const [name, lines] of [
    ['180p', 180],
    ['source', 360],
  ] as const) {
    await page.getByTestId(testIds.qualityMenu).click()
    await page.getByTestId(testIds.qualityOption(name)).click()
    await height(lines)
    await page.locator(`[data-testid="${testIds.qualityMenu}"][data-quality="${name}"]`).waitFor()
  }
  await page.locator(`[data-testid="${testIds.latency}"][data-seconds]`).waitFor()
})

test('the list has shows on air, to come and to watch again, each with what it sells first', async (t) => {
  const { page } = await visit(t, '/')
  const section = (name: string) => page.locator('section', { has: page.getByRole('heading', { name, exact: true }) })
  await page.getByTestId(testIds.broadcastCard('b-live')).getByText('19,900원 외 2개').waitFor()
  await section('방송 예정').getByTestId(testIds.broadcastCard('b-soon')).getByText('야생화 꿀 500g').waitFor()
  await section('다시보기').getByTestId(testIds.broadcastCard('b-over')).waitFor()
})

test('a turned wheel changes no price', async (t) => {
  const { page } = await visit(t, '/sign-in?next=/studio')
  await signIn(page)
  await page.getByTestId(testIds.editProduct('p-tangerine')).click()
  const price = page.locator('.product-edit').getByTestId(testIds.productPrice)
  await price.focus()
  await price.hover()
  await page.mouse.wheel(0, 200)
  await page.waitForFunction(() => document.activeElement?.id === 'content')
  assert.equal(await price.inputValue(), '19900')
})

test('a viewer who paused is led back to live', async (t) => {
  const { page } = await visit(t, '/watch/b-live')
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1)
  await page.getByRole('button', { name: '일시정지', exact: true }).click()
  await page.getByTestId(testIds.backToLive).click()
  await page.getByTestId(testIds.backToLive).waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => document.querySelector('video')?.paused), false)
})

test('what the system paused before the first picture plays on by itself', async (t) => {
  const { page } = await visit(t, '/watch/b-live')
  await page.waitForFunction(() => {
    const video = document.querySelector('video')
    if (video === null || video.currentTime === 0) return false
    video.pause() // hls.js has just set where to begin
    return true
  })
  await page.waitForFunction(() => document.querySelector('video')?.paused === false)
  const time = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  await page.waitForFunction((from) => (document.querySelector('video')?.currentTime ?? 0) > from + 1, time)
})

test('stock, pin, chat, viewers and state change on screen without reload, and old stock is not shown', async (t) => {
  const { page, site } = await visit(t, '/watch/b-live')
  await stock(page, 'p-tangerine', 42)
  await page.locator(`[data-product-id="p-tangerine"]`).waitFor()
  site.api.push({ type: 'stock', data: { productId: 'p-tangerine', stock: 7, version: 9 } })
  await stock(page, 'p-tangerine', 7)
  site.api.push({ type: 'stock', data: { productId: 'p-tangerine', stock: 30, version: 8 } })
  site.api.push({ type: 'pin', data: { productId: 'p-honey', at: '2026-01-01T00:00:00Z' } })
  await page.locator(`[data-testid="${testIds.pinnedProduct}"][data-product-id="p-honey"]`).waitFor()
  await stock(page, 'p-tangerine', 7)
  site.api.push({ type: 'chat', data: { id: '1', displayName: '수진', text: '<b>당도</b>는요?', at: '' } })
  await page.getByTestId(testIds.chatLog).getByText('<b>당도</b>는요?').waitFor()
  site.api.push({ type: 'viewers', data: { viewers: 77 } })
  await page.locator(`[data-testid="${testIds.viewers}"][data-viewers="77"]`).waitFor()
  site.api.push({ type: 'stock', data: { productId: 'p-tangerine', stock: 0, version: 10 } })
  await page.getByTestId(testIds.buy('p-tangerine')).getByText('대기 신청').waitFor()
  site.api.push({ type: 'state', data: { state: 'interrupted' } })
  await page.locator(`[data-testid="${testIds.stageMessage}"][data-state="interrupted"]`).waitFor()
  site.api.push({ type: 'state', data: { state: 'ended' } })
  await page
    .locator(`[data-testid="${testIds.buy('p-honey')}"]:disabled`)
    .getByText('판매 종료')
    .waitFor()
  assert.equal(await page.getByTestId(testIds.pinnedProduct).count(), 0, 'once it is over nothing is shown now')
})

test('an ended broadcast that was recorded is watched again, with the browser’s own controls', async (t) => {
  const { page } = await visit(t, '/watch/b-over')
  const video = page.locator(`[data-testid="${testIds.video}"][data-player-state="ready"][controls]`)
  await video.waitFor()
  assert.equal(await page.getByTestId(testIds.stageMessage).count(), 0)
  await video.evaluate((element: HTMLVideoElement) => element.play())
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.2)
  await page.locator(`[data-testid="${testIds.buy('p-honey')}"]:disabled`).waitFor()
})

test('a viewer signs in, orders and pays on the watch page while the picture goes on', async (t) => {
  const { page } = await visit(t, '/watch/b-live')
  await page.getByTestId(testIds.buy('p-honey')).click()
  await signIn(page)
  await page.getByTestId(testIds.quantityMore).click()
  await page.getByTestId(testIds.placeOrder).click()
  await stock(page, 'p-honey', 4)
  await page.getByTestId(testIds.countdown).waitFor()
  await fillCard(page, '4242424242424241')
  await page.getByTestId(testIds.pay).click()
  await page.locator(`[data-testid="${testIds.cardNumber}"][aria-invalid]`).waitFor()
  await fillCard(page, '4242424242424242')
  const time = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  await page.getByTestId(testIds.pay).click()
  await orderState(page, 'PAID')
  assert.equal(new URL(page.url()).pathname, '/watch/b-live')
  await page.waitForFunction((before) => (document.querySelector('video')?.currentTime ?? 0) > before, time)
})

test('a declined card says so and keeps the unit, and another card pays for it', async (t) => {
  const { page } = await visit(t, '/watch/b-live')
  await page.getByTestId(testIds.buy('p-honey')).click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await stock(page, 'p-honey', 5)
  await fillCard(page, '4000000000000002')
  await page.getByTestId(testIds.pay).click()
  await page.getByTestId(testIds.checkoutError).waitFor()
  await orderState(page, 'RESERVED')
  await fillCard(page, '4242424242424242')
  await page.getByTestId(testIds.pay).click()
  await orderState(page, 'PAID')
  await stock(page, 'p-honey', 5)
})

test('a reservation that runs out is told, and another buyer’s last unit is told as sold out', async (t) => {
  const { page, site } = await visit(t, '/watch/b-live')
  site.api.reservationSeconds = 2
  await page.getByTestId(testIds.buy('p-honey')).click()
  await signIn(page)
  await page.getByTestId(testIds.placeOrder).click()
  await orderState(page, 'RELEASED')
  await page.getByTestId(testIds.closeCheckout).click()
  await page.getByTestId(testIds.buy('p-tangerine')).click()
  await page.getByTestId(testIds.placeOrder).waitFor()
  const tangerine = site.api.state.products.get('p-tangerine')
  if (tangerine) tangerine.stock = 0 // and the event is on its way yet
  await page.getByTestId(testIds.placeOrder).click()
  await orderState(page, 'SOLD_OUT')
})

test('on a phone the order comes up as a sheet below the picture', async (t) => {
  const { page } = await visit(t, '/watch/b-live', { width: 390, height: 844 })
  await page.getByTestId(testIds.openProducts).click()
  await page.getByTestId(testIds.buy('p-honey')).click()
  const sheet = await page.getByTestId(testIds.checkout).boundingBox()
  assert.ok((sheet?.y ?? 0) >= 300, 'the sheet leaves the picture free')
  await page.keyboard.press('Escape')
  await page.getByTestId(testIds.checkout).waitFor({ state: 'detached' })
})

test('on a short phone chat, the pinned product and the form stand one below another', async (t) => {
  for (const [width, height] of [
    [360, 740],
    [390, 664],
    [360, 640],
    [375, 553],
  ] as const) {
    const { page, site } = await visit(t, '/sign-in', { width, height })
    await signIn(page)
    await page.getByTestId(testIds.signOut).waitFor()
    await page.goto(`${site.url}/watch/b-live`)
    await pictureMoves(page) // until then nobody knows its shape
    const input = page.getByTestId(testIds.chatInput)
    const pinned = page.getByTestId(testIds.pinnedProduct)
    for (const pressed of [input, page.getByTestId(testIds.chatSend), pinned]) await pressed.click({ trial: true })
    const [log, form, card] = await Promise.all(
      [page.getByTestId(testIds.chatLog), input, pinned].map((each) => each.boundingBox()),
    )
    assert.ok(log && form && card)
    assert.ok(log.height >= 30, `the chat is ${log.height} pixels high in ${width} x ${height}`)
    assert.ok(log.y + log.height <= card.y && card.y + card.height <= form.y, `they overlap in ${width} x ${height}`)
  }
})

test('what the watch page draws beyond its edges is as dark as itself, and nothing is on another page', async (t) => {
  const { page } = await visit(t, '/watch/b-live')
  const looks = () =>
    page.evaluate(() => [
      getComputedStyle(document.documentElement).colorScheme,
      document.querySelector('meta[name="theme-color"]')?.getAttribute('content'),
    ])
  await page.getByTestId(testIds.pinnedProduct).waitFor()
  assert.deepEqual(await looks(), ['dark', '#000000'])
  await page.locator('.logo').click()
  await page.getByTestId(testIds.broadcastCard('b-live')).waitFor()
  assert.deepEqual(await looks(), ['light', '#ffffff'])
})

test('no page is wider or, while watching, higher than the window', async (t) => {
  for (const [width, height] of [
    [360, 740],
    [1_280, 720],
  ] as const) {
    const { page, site } = await visit(t, '/sign-in', { width, height })
    await signIn(page)
    await page.getByTestId(testIds.signOut).waitFor()
    for (const path of ['/', '/orders', '/studio', '/watch/b-live']) {
      await page.goto(site.url + path)
      await page.getByTestId(testIds.signOut).waitFor()
      const reach = await page.evaluate(() =>
        Math.max(...[...document.querySelectorAll('header *')].map((each) => each.getBoundingClientRect().right)),
      )
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(Math.max(wide, reach) <= width, `${path} is ${Math.max(wide, reach)} pixels wide in ${width}`)
    }
    if (width < 900) await page.getByTestId(testIds.openProducts).click()
    await page.getByTestId(testIds.buy('p-honey')).click()
    await page.getByTestId(testIds.placeOrder).click()
    await page.getByTestId(testIds.pay).waitFor()
    const scrolls = await page.evaluate(() => document.documentElement.scrollHeight)
    assert.ok(scrolls <= height, `the watch page is ${scrolls} pixels high in ${height}`)
  }
})

test('a seller signs up, sees the key once, adds a product, goes on air, pins and ends', async (t) => {
  const { page, site } = await visit(t, '/sign-up', { locale: 'en-US' })
  await page.getByTestId(testIds.displayName).fill('민지')
  await signIn(page)
  await page.waitForURL('**/studio')
  assert.match(await page.getByTestId(testIds.streamKey).innerText(), /^sk-fixture-/)
  const products = page.locator('details', { has: page.getByTestId(testIds.productForm) })
  await products.locator('summary').click()
  await products.getByTestId(testIds.productName).fill('Tea')
  await products.getByTestId(testIds.productPrice).fill('12900')
  await products.getByTestId(testIds.productStock).fill('9')
  await products.locator('button[type=submit]').click()
  await page.getByTestId(testIds.studioProduct('p-4')).waitFor()
  await page.getByTestId(testIds.pin('p-honey')).click()
  await page.locator(`[data-testid="${testIds.pin('p-honey')}"][aria-pressed="true"]`).waitFor()
  site.api.setStock('p-tangerine', 3)
  await page.locator(`td[data-testid="${testIds.stock('p-tangerine')}"][data-stock="3"]`).waitFor()
  await page.getByTestId(testIds.endBroadcast).click()
  await page.getByTestId(testIds.confirm).click()
  await page.locator(`[data-testid="${testIds.studioBroadcast('b-live')}"][data-state="ended"]`).waitFor()
  await page.getByTestId(testIds.broadcastForm).locator('xpath=ancestor::details/summary').click()
  await page.getByTestId(testIds.broadcastTitle).fill('Tea, again')
  await page.getByTestId(testIds.broadcastRecording).check()
  await page.getByTestId(testIds.broadcastForm).locator('button[type=submit]').click()
  await page.locator('[data-state="open"]', { hasText: 'Tea, again' }).first().waitFor()
  const [broadcast] = site.api.state.broadcasts
  assert.match(broadcast?.recordingUrl ?? '', /\/recording\/index\.m3u8$/)
  Object.assign(broadcast ?? {}, { state: 'ended', endedBy: 'refused', refusal: 'sellers may not record' })
  await page.reload()
  await page.getByTestId(testIds.rotateStreamKey).waitFor()
  assert.match(await page.getByTestId(testIds.refusal).innerText(), /sellers may not record$/)
  assert.equal(await page.getByTestId(testIds.streamKey).count(), 0, 'the key is not shown a second time')
})

for (const [locale, text] of [
  ['ko-KR', '키프레임이 8.3초마다 옵니다. 2초로 설정해 주세요.'],
  ['en-US', 'Key frames every 8.3 s: set 2.'],
] as const) {
  test(`a seller whose key frames are far apart is told so while on air, and what to set, ${locale}`, async (t) => {
    const { page, site } = await visit(t, '/sign-up', { locale })
    await page.getByTestId(testIds.displayName).fill('민지')
    await signIn(page)
    await page.waitForURL('**/studio')
    const advice = page.getByTestId(testIds.encoderAdvice)
    await page.getByTestId(testIds.endBroadcast).waitFor()
    assert.equal(await advice.count(), 0)
    const broadcast = site.api.state.broadcasts.find(({ id }) => id === 'b-live')
    const far = { code: 'key_frames_far_apart', keyFrameIntervalSeconds: 8.3, setKeyFrameIntervalSeconds: 2 }
    Object.assign(broadcast ?? {}, { encoderAdvice: far })
    await advice.waitFor()
    const shown = await advice.innerText()
    assert.ok(shown.includes(text) && shown.includes('OBS'), shown)
    const mute = { code: 'sound_not_taken', keyFrameIntervalSeconds: null, setKeyFrameIntervalSeconds: 2 }
    Object.assign(broadcast ?? {}, { encoderAdvice: mute })
    await page.locator(`[data-testid="${testIds.encoderAdvice}"][data-code="sound_not_taken"]`).waitFor()
    assert.ok(!(await advice.innerText()).includes('OBS'), 'no setting of the encoder brings it back')
    Object.assign(broadcast ?? {}, { encoderAdvice: null })
    await advice.waitFor({ state: 'detached' })
  })
}

test('the language is the browser’s, can be changed, and is remembered', async (t) => {
  const { page } = await visit(t, '/', { locale: 'en-US' })
  await page.getByRole('heading', { name: 'Live now' }).waitFor()
  await page.getByTestId(testIds.languageToggle).click()
  await page.getByRole('heading', { name: '지금 라이브' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '지금 라이브' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko')
})

for (const [size, width] of [
  ['desktop', 1_280],
  ['phone', 390],
] as const) {
  test(`axe finds no fault against WCAG 2.2 AA on any page, ${size}`, async (t) => {
    const { page, site } = await visit(t, '/sign-in', { width })
    const faults: string[] = []
    await page.getByTestId(testIds.signInForm).waitFor()
    faults.push(...(await faultsOf(page, 'sign-in')))
    await signIn(page)
    await page.waitForURL(`${site.url}/`)
    await page.getByTestId(testIds.broadcastCard('b-live')).waitFor()
    faults.push(...(await faultsOf(page, 'list')))
    await page.goto(`${site.url}/watch/b-live`)
    await page.getByTestId(testIds.qualityMenu).click()
    faults.push(...(await faultsOf(page, 'watch')))
    await page.keyboard.press('Escape')
    if (size === 'phone') await page.getByTestId(testIds.openProducts).click()
    await page.getByTestId(testIds.buy('p-honey')).click()
    await page.getByTestId(testIds.placeOrder).click()
    await fillCard(page, '4242424242424241')
    await page.getByTestId(testIds.cardExpiry).fill('01/20')
    await page.getByTestId(testIds.pay).click()
    faults.push(...(await faultsOf(page, 'card form with errors')))
    await fillCard(page, '4242424242424242')
    await page.getByTestId(testIds.pay).click()
    await orderState(page, 'PAID')
    faults.push(...(await faultsOf(page, 'paid')))
    await page.goto(`${site.url}/orders`)
    await page.getByTestId(testIds.orderRow('o-1')).waitFor()
    faults.push(...(await faultsOf(page, 'orders')))
    await page.goto(`${site.url}/studio`)
    await page.getByTestId(testIds.studioProduct('p-tea')).waitFor()
    await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)))
    faults.push(...(await faultsOf(page, 'studio')))
    assert.deepEqual(faults, [])
  })
}

test('an order of several products names them all, is paid and given back as one', async (t) => {
  const { page, site } = await visit(t, '/orders', { locale: 'en-GB' })
  const item = (productId: string, name: string, quantity: number, amount: number) => ({
    productId,
    variantId: productId,
    options: [],
    name,
    quantity,
    imageUrls: null,
    unitPrice: { amount, currency: 'KRW' },
    dealId: null,
  })
  const items = [
    item('p-honey', '야생화 꿀 500g', 2, 24_000),
    item('p-tangerine', '제주 노지 감귤 5kg 산지 직송', 1, 19_900),
  ]
  for (const id of ['o-1', 'o-2']) {
    site.api.state.orders.set(id, {
      id,
      productId: null,
      paymentId: null,
      broadcastId: null,
      quantity: 3,
      items,
      state: 'RESERVED',
      total: { amount: 67_900, currency: 'KRW' },
      shipping: { amount: 0, currency: 'KRW' },
      discount: { amount: 0, currency: 'KRW' },
      refunded: { amount: 0, currency: 'KRW' },
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      createdAt: new Date().toISOString(),
    })
  }
  await signIn(page)
  const row = (id: string) => page.getByTestId(testIds.orderRow(id))
  await row('o-1').getByText('야생화 꿀 500g and 1 more').waitFor()
  await row('o-1').getByText('제주 노지 감귤 5kg 산지 직송 · 1 ×').waitFor()
  await page.getByTestId(testIds.cancelOrder('o-2')).click()
  await page.locator(`[data-testid="${testIds.orderRow('o-2')}"][data-state="RELEASED"]`).waitFor()
  await page.getByTestId(testIds.payOrder('o-1')).click()
  await page.getByTestId(testIds.checkout).getByText('야생화 꿀 500g and 1 more').waitFor()
  await fillCard(page, '4242424242424242')
  await page.getByTestId(testIds.pay).click()
  await orderState(page, 'PAID')
})
