/** What people do while a service, a connection or a page fails, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

async function signIn(page: Page): Promise<void> {
  await page.getByTestId(testIds.email).fill('minji@example.com')
  await page.getByTestId(testIds.password).fill('a long password')
  await page.getByTestId(testIds.submit).click()
  await page.getByTestId(testIds.accountName).waitFor()
}

test('a seller sets the stock while units are sold: what is sent is the difference to what the form showed', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/studio')
  await signIn(page)
  await page.getByTestId(testIds.editProduct('p-tangerine')).click()
  const form = page.locator('.product-edit')
  await form.getByTestId(testIds.productStock).fill('50') // it showed 42
  site.api.setStock('p-tangerine', 30)
  await page.locator(`td[data-testid="${testIds.stock('p-tangerine')}"][data-stock="30"]`).waitFor()
  // a second product's change makes the page read its list again
  const listed = page.waitForResponse((answer) => /\/products\?/.test(answer.url()))
  const products = page.locator('details', { has: page.getByTestId(testIds.productForm) })
  await products.locator('summary').click()
  const added = products.locator('form')
  await added.getByTestId(testIds.productName).fill('Tea')
  await added.getByTestId(testIds.productPrice).fill('100')
  await added.getByTestId(testIds.productStock).fill('1')
  await added.locator('button[type=submit]').click()
  await listed
  await page.getByTestId(testIds.studioProduct('p-4')).waitFor()
  const sent = page.waitForRequest((request) => request.url().endsWith('/products/p-tangerine/stock'))
  await form.locator('button[type=submit]').click()
  assert.deepEqual((await sent).postDataJSON(), { units: 8 })
})

test('what is typed while a message is on its way stays, and a quick second message is sent too', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live')
  await signIn(page)
  const field = page.getByTestId(testIds.chatInput)
  const answer = Promise.withResolvers<void>()
  site.api.chatAnswers = answer.promise
  await field.fill('하나')
  await field.press('Enter')
  await field.fill('둘')
  await field.press('Enter')
  await field.fill('아직 쓰는 중')
  answer.resolve()
  const log = page.getByTestId(testIds.chatLog)
  await log.getByText('하나', { exact: true }).waitFor()
  await log.getByText('둘', { exact: true }).waitFor()
  assert.equal(await field.inputValue(), '아직 쓰는 중')
})

test('who signs in to chat stays in the show, which goes on', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.3)
  await page.evaluate(() => document.querySelector('video')?.setAttribute('data-mark', 'the same'))
  await page.getByTestId(testIds.chatSignIn).click()
  await signIn(page)
  await page.getByTestId(testIds.chatInput).fill('안녕하세요')
  await page.getByTestId(testIds.chatSend).click()
  await page.getByTestId(testIds.chatLog).getByText('안녕하세요').waitFor()
  assert.equal(page.url(), `${site.url}/watch/b-live`)
  assert.equal(await page.getByTestId(testIds.video).getAttribute('data-mark'), 'the same')
})

test('who reads further up stays there while messages come, and is told how many', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  const log = page.getByTestId(testIds.chatLog)
  const say = (id: number) =>
    site.api.push({ type: 'chat', data: { id: `c${id}`, displayName: '수진', text: `질문 ${id}`, at: '' } })
  const top = () => log.evaluate(({ scrollTop }) => scrollTop)
  await page.getByTestId(testIds.stock('p-honey')).first().waitFor()
  for (let id = 0; id < 60; id++) say(id)
  await log.getByText('질문 59', { exact: true }).click({ trial: true })
  await log.evaluate((element) => element.scrollTo({ top: 0 }))
  await page.waitForFunction((id) => document.querySelector(`[data-testid="${id}"]`)?.scrollTop === 0, testIds.chatLog)
  for (let id = 60; id < 63; id++) say(id)
  await page.getByTestId(testIds.chatNew).getByText('새 메시지 3개').waitFor()
  assert.equal(await top(), 0)
  await page.getByTestId(testIds.chatNew).click()
  await page.getByTestId(testIds.chatNew).waitFor({ state: 'detached' })
  assert.ok((await top()) > 0)
  say(63)
  await log.getByText('질문 63', { exact: true }).click({ trial: true })
})

test('who scrolled up stays there though a message comes before the browser tells of the scroll', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  const log = page.getByTestId(testIds.chatLog)
  const say = (id: number) =>
    site.api.push({ type: 'chat', data: { id: `c${id}`, displayName: '수진', text: `질문 ${id}`, at: '' } })
  await page.getByTestId(testIds.stock('p-honey')).first().waitFor()
  for (let id = 0; id < 60; id++) say(id)
  await log.getByText('질문 59', { exact: true }).click({ trial: true })
  await page.evaluate(() => window.addEventListener('scroll', (event) => event.stopPropagation(), { capture: true }))
  await log.evaluate((element) => element.scrollTo({ top: 0 }))
  for (let id = 60; id < 63; id++) say(id)
  await page.getByTestId(testIds.chatNew).getByText('새 메시지 3개').waitFor()
  assert.equal(await log.evaluate(({ scrollTop }) => scrollTop), 0)
})

test('the seller is told by what the service says, not by a name that anybody may take', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  const log = page.getByTestId(testIds.chatLog)
  const said = (id: string, role: 'host' | 'viewer') => ({
    id,
    displayName: '제주농장',
    text: id,
    at: '',
    author: { id, role },
  })
  await page.getByTestId(testIds.stock('p-honey')).first().waitFor()
  site.api.push({ type: 'chat', data: said('진짜', 'host') })
  site.api.push({ type: 'chat', data: said('가짜', 'viewer') })
  await log.getByText('가짜').waitFor()
  assert.deepEqual(await log.locator('p', { hasText: '판매자' }).allInnerTexts(), ['판매자제주농장 진짜'])
})

test('a message that was refused comes back to its field', async (t) => {
  const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live')
  await signIn(page)
  const field = page.getByTestId(testIds.chatInput)
  await field.fill('하나')
  site.api.refusals = { path: /\/chat$/, status: 429, times: 1 }
  await field.press('Enter')
  await page.locator('.chat-form [role="alert"]').waitFor()
  assert.equal(await field.inputValue(), '하나')
})

test('a service that is away while the page loads: it is told, and the page comes when the service does', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  site.api.refusals = { path: /\/broadcasts\/b-live$/, status: 500, times: Number.POSITIVE_INFINITY }
  await page.goto(`${site.url}/watch/b-live`)
  await page.getByText('서비스가 응답하지 않습니다. 계속 다시 시도하고 있습니다…').waitFor()
  site.api.refusals = undefined
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0)
  assert.equal(await page.locator('.stage-note').count(), 0, 'the snapshot that failed is no interruption any more')
})

test('an event stream that says nothing any more is opened anew, with a fresh reading', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  await page.clock.install()
  const opened = page.waitForResponse(/\/events$/)
  await page.goto(`${site.url}/watch/b-soon`)
  await opened
  await page.getByRole('heading', { name: '연말 선물 세트 미리보기' }).waitFor() // the first reading is over
  const again = page.waitForRequest(/\/events$/)
  const read = page.waitForRequest(/\/broadcasts\/b-soon$/)
  await page.clock.fastForward(60_000)
  await again
  await read
})

test('a page of an older deployment, whose player is not served any more, says so and offers to load anew', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  await page.route(/\/assets\/hls[^/]*\.js$/, (route) => route.fulfill({ status: 404 }))
  await page.goto(`${site.url}/watch/b-live`)
  await page.locator(`[data-testid="${testIds.stageMessage}"][data-state="failed"]`).waitFor()
  await page.unroute(/\/assets\/hls[^/]*\.js$/)
  await page.getByTestId(testIds.retryPlaying).click()
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0)
})

test('an exception takes no more than its page, and is reported', async (t) => {
  const { page, site, faults, beacons } = await browser.visit(t, '/')
  const broadcast = site.api.state.broadcasts.find(({ id }) => id === 'b-soon')
  Object.assign(broadcast ?? {}, { title: { toString: null } })
  const told = new Promise<void>((resolve) => beacons.on('report', ({ faults }) => faults && resolve()))
  await page.goto(`${site.url}/watch/b-soon`)
  await page.getByText('페이지에 문제가 생겼습니다.').waitFor()
  await told
  assert.ok(faults.splice(0).length > 0)
  Object.assign(broadcast ?? {}, { title: '연말 선물 세트' })
  await page.locator('a[href="/"]').first().click()
  await page.getByTestId(testIds.broadcastCard('b-live')).waitFor()
})

test('a sheet that was closed, and a page that was loaded anew, lead back to the units that are held', async (t) => {
  const { page } = await browser.visit(t, '/sign-in?next=/watch/b-live')
  await signIn(page)
  await page.getByTestId(testIds.buy('p-honey')).first().click()
  await page.getByTestId(testIds.placeOrder).click()
  const reserved = page.locator(`[data-testid="${testIds.orderState}"][data-state="RESERVED"]`)
  const order = await reserved.getAttribute('data-order-id')
  await page.getByTestId(testIds.closeCheckout).click()
  await page.getByTestId(testIds.buy('p-honey')).first().click()
  assert.equal(await reserved.getAttribute('data-order-id'), order)
  await page.reload()
  assert.equal(await reserved.getAttribute('data-order-id'), order)
})
