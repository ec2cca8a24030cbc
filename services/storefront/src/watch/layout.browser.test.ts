/** Where the watch page puts things, by the shape of the window and of the picture, in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { faultsOf } from '../testing/axe-faults.ts'
import { pictureMoves, signIn } from '../testing/people.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

let browser: TestBrowser
before(async () => void (browser = await startTestBrowser()), { timeout: 240_000 })
after(() => browser?.close())

async function watchSignedIn(page: Page): Promise<void> {
  await signIn(page)
  await page.waitForURL('**/watch/b-live')
  await pictureMoves(page)
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox()
  assert.ok(box, 'it is not on the page')
  return box
}

const windows = [
  ['a phone upright', 390, 844],
  ['a phone sideways', 844, 390],
  ['a desk at 200 %', 720, 450],
  ['a desk', 1_440, 900],
] as const

for (const [name, width, height] of windows) {
  for (const upright of [true, false]) {
    test(`${name}, picture ${upright ? '9:16' : '16:9'}: chat, its form, the pinned product and the controls are there and free`, async (t) => {
      const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', { width, height, upright })
      await watchSignedIn(page)
      for (let id = 0; id < 20; id++)
        site.api.push({ type: 'chat', data: { id: `c${id}`, displayName: '수진', text: `질문 ${id}`, at: '' } })
      await page.getByText('질문 19', { exact: true }).click({ trial: true })
      const log = page.getByTestId(testIds.chatLog)
      assert.ok((await boxOf(log)).height >= 70, 'several lines of chat are seen')
      for (const testId of [testIds.chatInput, testIds.chatSend, testIds.pinnedProduct, testIds.qualityMenu])
        await page.getByTestId(testId).click({ trial: true })
      const size = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.scrollHeight,
      ])
      assert.deepEqual(size, [width, height], 'nothing reaches out of the window')
    })
  }
}

test('an upright picture fills an upright phone, a wide one stands over the chat', async (t) => {
  const phone = { width: 390, height: 844 }
  const upright = await browser.visit(t, '/watch/b-live', { ...phone, upright: true })
  await pictureMoves(upright.page)
  assert.deepEqual(await boxOf(upright.page.getByTestId(testIds.video)), { x: 0, y: 0, ...phone })
  const wide = await browser.visit(t, '/watch/b-live', phone)
  await pictureMoves(wide.page)
  await wide.page.locator('.watch:not([data-upright])').waitFor()
  const video = await boxOf(wide.page.getByTestId(testIds.video))
  const log = await boxOf(wide.page.getByTestId(testIds.chatLog))
  assert.equal(video.width, 390)
  assert.ok(Math.abs(video.height - (390 * 9) / 16) < 1, `${video.height} pixels`)
  assert.ok(log.y >= video.y + video.height, 'the chat begins below the picture')
})

test('the picture leaves chat and products where they are when it comes', async (t) => {
  const { page } = await browser.visit(t, '/', { width: 1_440, height: 900 })
  // the preview is here already: the page waits a second for it, which on a busy machine may be too short
  await page.evaluate(async () => {
    const preview = new Image()
    preview.src = '/hls/b-live/thumbnail.jpg'
    await preview.decode()
    const shifts: number[] = []
    Object.assign(globalThis, { shifts, preview })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) shifts.push(entry.value)
    }).observe({ type: 'layout-shift', buffered: true })
  })
  // the chat's code comes late, so that what waits for it was painted
  const { promise: painted, resolve: paint } = Promise.withResolvers<void>()
  await page.route(/chat-panel/, async (route) => {
    await painted
    await route.continue()
  })
  await page.getByTestId(testIds.broadcastCard('b-live')).click()
  await page.locator('.chat-waiting').waitFor()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  paint()
  await page.getByTestId(testIds.chatPause).waitFor()
  await pictureMoves(page)
  const shifted = await page.evaluate(() =>
    (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0),
  )
  assert.ok(shifted <= 0.02, `a shift of ${shifted}`)
})

for (const [name, width, height] of windows) {
  test(`${name}: whatever the picture shows, what stands on it is read, and axe is left without a question`, async (t) => {
    const { page, site } = await browser.visit(t, '/sign-in?next=/watch/b-live', { width, height, upright: true })
    await watchSignedIn(page)
    site.api.push({ type: 'chat', data: { id: 'c1', displayName: '수진', text: '당도는요?', at: '' } })
    await page.getByText('당도는요?').waitFor()
    assert.deepEqual(await faultsOf(page, 'watch'), [])
    site.api.push({ type: 'state', data: { state: 'interrupted' } })
    await page.locator(`[data-testid="${testIds.stageMessage}"][data-state="interrupted"]`).waitFor()
    assert.deepEqual(await faultsOf(page, 'interrupted'), [])
  })
}

test('who wanted to hear hears the next show at once, where the browser lets it; else it plays without sound', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await page.getByTestId(testIds.unmute).click()
  await page.goto(site.url)
  await page.getByTestId(testIds.broadcastCard('b-live')).click()
  await pictureMoves(page)
  const muted = (of: Page) => of.evaluate(() => document.querySelector('video')?.muted)
  assert.equal(await muted(page), false)
  const tab = await page.context().newPage() // where nobody has pressed anything
  await tab.goto(`${site.url}/watch/b-live`)
  await tab.waitForFunction(() => document.querySelector('video')?.muted === true)
  await pictureMoves(tab)
})

test('where the system has no sheet to share by, the link is copied, without what is open over the show', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live?utm=x')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(() => Reflect.deleteProperty(Object.getPrototypeOf(navigator) as object, 'share'))
  await page.getByTestId(testIds.share).waitFor()
  const said = page.waitForFunction(
    ([id, text]) => document.querySelector(`[data-testid="${id}"]`)?.textContent?.includes(text), // for three seconds
    [testIds.share, '링크를 복사했습니다'] as const,
    { polling: 100 },
  )
  await page.getByTestId(testIds.share).click()
  await said
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site.url}/watch/b-live`)
})

test('with the colours of the system the seek bar shows where the picture is, and everything has its edge', async (t) => {
  const { page } = await browser.visit(t, '/watch/b-live', { width: 390, height: 844 })
  await page.emulateMedia({ forcedColors: 'active' })
  await pictureMoves(page)
  const adjusts = await page.getByTestId(testIds.seekBar).evaluate((bar) => getComputedStyle(bar).forcedColorAdjust)
  assert.equal(adjusts, 'none') // else the track's two colours become one
  await page.getByTestId(testIds.pinnedProduct).waitFor()
})
