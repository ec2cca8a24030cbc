import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { startTestBrowser, type TestBrowser, type Visit } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'
import type { Report } from '../server/beacon-report.ts'

let browser: TestBrowser
before(async () => {
  standApart()
  browser = await startTestBrowser()
})
after(() => browser.close())

/** What the page tells next, once the server took it. */
async function nextReport({ page, beacons }: Visit, cause: () => Promise<void>): Promise<Report> {
  const reported = once(beacons, 'report')
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/beacon'))
  await cause()
  assert.equal((await answered).status(), 204)
  const [report] = (await reported) as [Report]
  return report
}

/** What browsers do to a page whose tab is left. */
const hide = (page: Page) =>
  page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  })

/** Waits until the browser has measured something, which it has with a frame. */
const isMeasured = (page: Page, what: 'largest-contentful-paint' | 'first-input') =>
  page.evaluate(
    (type) =>
      new Promise<void>((resolve) => {
        new PerformanceObserver(() => resolve()).observe({ type, buffered: true })
      }),
    what,
  )

test('a page that is left tells of its first picture, what was played, and its vitals; nothing jumped meanwhile', async (t) => {
  const visit = await browser.visit(t, '/watch/b-live', { width: 390, height: 844 })
  const { page } = visit
  await page.locator(`[data-testid="${testIds.video}"][data-player-state="playing"]`).waitFor()
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('/assets/beacon-')),
  )
  await isMeasured(page, 'largest-contentful-paint') // none comes after a key
  await page.keyboard.press('Tab')
  await isMeasured(page, 'first-input')
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1)
  const { page: name, first, vitals, player, faults } = await nextReport(visit, () => hide(page))
  assert.deepEqual([name, first, faults], ['watch', true, undefined])
  assert.deepEqual(
    player?.firstPictures.map(({ begun }) => begun),
    ['load'],
  )
  assert.ok((player?.firstPictures[0]?.ms ?? 0) > 100 && (player?.playedMs ?? 0) > 100, JSON.stringify(player))
  const { lcpMs = 0, inpMs, cls = Number.NaN } = vitals ?? {}
  assert.ok(lcpMs > 0 && inpMs !== undefined && cls <= 0.02, JSON.stringify(vitals))
})

test('a page without the beacon’s code goes on without it', async (t) => {
  const { page, site, faults } = await browser.visit(t, '/')
  await page.route(/\/assets\/beacon-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }))
  await page.goto(site.url)
  const failed = page.waitForEvent('pageerror')
  await page.evaluate(() => void Promise.reject(new Error('no answer')))
  await failed
  await page.getByTestId(testIds.broadcastCard('b-live')).waitFor()
  assert.deepEqual(faults.splice(0), ['no answer'])
})

test('an uncaught error and a rejection are told at once, each once, and fail a test', async (t) => {
  const visit = await browser.visit(t, '/')
  const { page, faults } = visit
  const throws = () =>
    page.evaluate(() => {
      for (let n = 0; n < 20; n++)
        setTimeout(() => {
          throw new TypeError('x is undefined')
        })
    })
  const { faults: [fault] = [] } = await nextReport(visit, throws)
  assert.deepEqual([fault?.kind, fault?.text], ['error', 'TypeError: x is undefined'])
  const rejects = () => page.evaluate(() => void Promise.reject(new Error('no answer')))
  const { faults: told = [] } = await nextReport(visit, rejects)
  assert.deepEqual(
    told.map(({ kind, text }) => [kind, text]),
    [['unhandledrejection', 'Error: no answer']],
  )
  const heard = faults.splice(0).filter((each) => each.startsWith('the beacon told of'))
  assert.equal(heard.length, 2)
})
