import { setTimeout as delay } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import type { Report } from '../../services/storefront/src/server/beacon-report.ts'
import type { ApiFixture } from '../../services/storefront/src/testing/api-fixture.ts'
import { hearBeacons } from '../../services/storefront/src/testing/beacon-faults.ts'
import { testIds } from '../../services/storefront/src/testing/test-ids.ts'

const cpuSlowdown = 4 // as Lighthouse takes a phone to be
const perSecond = { chat: 20, stock: 10, hearts: 1 }
const pauseMs = 400 // between two things that a viewer does
const patienceMs = 60_000

/** What a viewer's own page measured while a show ran: our beacon's figures. */
export interface ShowVitals {
  inpMs: number
  cls: number
  lcpMs: number
  interactions: number
}

/**
 * Watches a show for so long on a phone with a quarter of this machine's speed, while chat, hearts and stock run, and does what
 * viewers do: types, opens and closes the products, gives hearts.
 */
export async function measureShow({
  url,
  api,
  seconds,
}: {
  url: string
  api: ApiFixture
  seconds: number
}): Promise<ShowVitals> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const running = runShow(api)
  try {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      locale: 'ko-KR',
    })
    const faults: string[] = []
    const beacons = await hearBeacons(context, faults)
    const page = await context.newPage()
    page.setDefaultTimeout(patienceMs)
    await signIn(page, url)
    const session = await context.newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown })
    await page.goto(`${url}/watch/b-live`)
    await page.locator(`[data-testid="${testIds.video}"][data-player-state="playing"]`).waitFor()
    const interactions = await interact(page, seconds)
    const reported = new Promise<Report>((resolve) =>
      beacons.on('report', (report) => report.vitals && report.page === 'watch' && resolve(report)),
    )
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    })
    const { vitals = {} } = await reported
    if (faults.length > 0) throw new Error(`The page failed: ${faults.join('; ')}`)
    const { inpMs = Number.NaN, cls = Number.NaN, lcpMs = Number.NaN } = vitals
    return { inpMs, cls, lcpMs, interactions }
  } finally {
    running.stop()
    await browser.close()
  }
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByTestId(testIds.email).fill('viewer@example.com')
  await page.getByTestId(testIds.password).fill('correct horse battery')
  await page.getByTestId(testIds.submit).click()
  await page.getByTestId(testIds.signOut).waitFor()
}

/** @returns how many things were done. */
async function interact(page: Page, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000
  let done = 0
  const deeds = [
    async () => {
      await page.getByTestId(testIds.chatInput).tap()
      await page.getByTestId(testIds.chatInput).pressSequentially('좋아요!')
      await page.keyboard.press('Enter')
    },
    async () => {
      await page.getByTestId(testIds.openProducts).tap()
      await page.keyboard.press('Escape')
    },
    async () => await page.getByTestId(testIds.heart).tap(),
  ]
  while (performance.now() < until) {
    await deeds[done % deeds.length]?.()
    done += 1
    await delay(pauseMs)
  }
  return done
}

/** What everybody else does meanwhile. */
function runShow(api: ApiFixture): { stop: () => void } {
  let said = 0
  let hearts = 1_000
  let stock = 1_000_000
  const every = (perSecond: number, work: () => void) => setInterval(work, 1_000 / perSecond)
  const timers = [
    every(perSecond.chat, () => {
      said += 1
      const author = { id: `acc-${said % 200}`, role: 'viewer' as const }
      const text = `${said} 이 감귤 정말 맛있어 보여요, 오늘 주문하면 언제 오나요?`
      api.push({
        type: 'chat',
        data: { id: `${1e12 + said}-0`, displayName: '수진', text, at: new Date().toISOString(), author },
      })
    }),
    every(perSecond.stock, () => api.setStock('p-honey', (stock -= 1))),
    every(perSecond.hearts, () => api.push({ type: 'hearts', data: { hearts: (hearts += 37) } })),
  ]
  return { stop: () => timers.forEach((timer) => clearInterval(timer)) }
}
