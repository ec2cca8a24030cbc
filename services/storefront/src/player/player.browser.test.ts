/** What the player keeps to and how it ends, in a real browser, on a real stream. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { startTestBrowser, type TestBrowser, type Visit } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const recordingUrl = 'http://127.0.0.1/hls/b-live/recording/index.m3u8'

let browser: TestBrowser

before(
  async () => {
    standApart()
    browser = await startTestBrowser()
  },
  { timeout: 240_000 },
)
after(() => browser?.close())

const timeOf = (page: Page) => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
const plays = (page: Page) => page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1)
const message = (page: Page, state: string) =>
  page.locator(`[data-testid="${testIds.stageMessage}"][data-state="${state}"]`).waitFor()
const quality = (page: Page, chosen: string) =>
  page.locator(`[data-testid="${testIds.qualityMenu}"][data-chosen="${chosen}"][data-quality="${chosen}"]`).waitFor()
const recordingIsShown = (page: Page) =>
  page.locator(`[data-testid="${testIds.video}"][data-player-state="ready"][controls]`).waitFor()
const latencyOf = async (page: Page) => Number(await page.getByTestId(testIds.latency).getAttribute('data-seconds'))

/** Waits until the playlist lists enough to look back twenty seconds. */
const reachesBack = (page: Page) =>
  page.waitForFunction((id) => {
    const input = document.querySelector<HTMLInputElement>(`[data-testid="${id}"]`)
    return Number(input?.min) <= -25
  }, testIds.seekBar)

/** Ends the broadcast for the API's readers, as if its event had been missed. */
function endUnheard({ site }: Visit, recorded: string | null): void {
  const broadcast = site.api.state.broadcasts.find(({ id }) => id === 'b-live')
  Object.assign(broadcast ?? {}, { state: 'ended', recordingUrl: recorded })
}

/** Takes the stream away until the player has begun anew, and waits for its first segment. */
async function beginAnew({ page, site }: Pick<Visit, 'page' | 'site'>): Promise<void> {
  const again = page.waitForRequest(/index\.m3u8/)
  site.api.hlsRefusal = { status: 404 }
  await again
  const segment = page.waitForResponse((answer) => answer.url().endsWith('.m4s') && answer.ok())
  site.api.hlsRefusal = undefined
  await segment
}

test('streams that have an address of their own are played from there', async (t) => {
  const { page, site, streams } = await browser.visit(t, '/watch/b-live', { streamsElsewhere: true })
  await plays(page)
  assert.ok(streams.api.hlsAskedAt.length > 0)
  assert.deepEqual(site.api.hlsAskedAt, [])
})

test('who missed the end is told of it by the first 410, and the page asks no more', async (t) => {
  const visited = await browser.visit(t, '/watch/b-live')
  const { page, site } = visited
  await plays(page)
  endUnheard(visited, null)
  site.api.hlsRefusal = { status: 410 }
  await message(page, 'ended')
  await page.locator(`[data-testid="${testIds.buy('p-honey')}"]:disabled`).waitFor()
  assert.equal(site.api.hlsAskedAt.length, 1, 'it was not begun anew')
})

test('after a 410 the recording comes without a reload', async (t) => {
  const visited = await browser.visit(t, '/watch/b-live')
  const { page, site } = visited
  await plays(page)
  endUnheard(visited, recordingUrl)
  site.api.hlsRefusal = { status: 410 }
  await recordingIsShown(page)
})

test('a broadcast that ends is played to its last picture, then its recording is offered', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  const broadcast = site.api.state.broadcasts.find(({ id }) => id === 'b-live')
  Object.assign(broadcast ?? {}, { recordingUrl })
  await page.goto(`${site.url}/watch/b-live`)
  await plays(page)
  const before = await timeOf(page)
  Object.assign(broadcast ?? {}, { state: 'ended' })
  site.api.push({ type: 'state', data: { state: 'ended' } })
  await page.waitForFunction((time) => (document.querySelector('video')?.currentTime ?? 0) > time + 0.5, before)
  site.api.hlsEnded = true
  await recordingIsShown(page)
  assert.equal(await page.evaluate(() => document.querySelector('video')?.paused), true)
})

test('a stream that stays away after its broadcast’s end ends the player too', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await plays(page)
  site.api.hlsRefusal = { status: 404 }
  await page.waitForRequest(/index\.m3u8/) // begun anew, in vain
  site.api.push({ type: 'state', data: { state: 'ended' } })
  await message(page, 'ended')
})

test('a server that is too busy is asked again when it said, not before', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  site.api.hlsRefusal = { status: 503, retryAfterSeconds: 3 }
  const refused = page.waitForResponse((response) => response.url().includes('index.m3u8') && response.status() === 503)
  await page.goto(`${site.url}/watch/b-live`)
  await refused // an answer: by the request alone nobody knows yet what it will be
  site.api.hlsRefusal = undefined
  await plays(page)
  const [first = 0, second = 0] = site.api.hlsAskedAt
  assert.ok(second - first >= 3_000, `asked again after ${second - first} ms`)
})

for (const noise of ['pictures', 'segments'] as const) {
  test(`noise for ${noise} is begun anew with growing pauses, and plays once it is none`, async (t) => {
    const { page, site } = await browser.visit(t, '/')
    await page.addInitScript(() => (Math.random = () => 0.5)) // then no pause is shorter than it is in the middle
    await page.goto(`${site.url}/watch/b-live`)
    await plays(page)
    site.api.hlsSpoilt = noise
    for (let again = 1; again <= 4; again++) await page.waitForResponse(/index\.m3u8/) // the server has counted it by then
    const [, ...anew] = site.api.hlsAskedAt
    const pauses = anew.slice(1).map((at, index) => at - (anew[index] ?? 0))
    for (const [index, least] of [1_050, 1_575, 2_362].entries())
      assert.ok((pauses[index] ?? 0) >= least, `${pauses.map(Math.round).join(', ')} ms`)
    site.api.hlsSpoilt = undefined
    const time = await timeOf(page)
    await page.waitForFunction((from) => (document.querySelector('video')?.currentTime ?? 0) > from + 1, time)
  })
}

test('a player that begins anew keeps the rendition that the viewer chose, and the pause', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await plays(page)
  await page.getByTestId(testIds.qualityMenu).click()
  await page.getByTestId(testIds.qualityOption('180p')).click()
  await quality(page, '180p')
  await beginAnew({ page, site })
  await page.waitForFunction(() => (document.querySelector('video')?.videoHeight ?? 0) === 180)
  await quality(page, '180p')
  await page.getByRole('button', { name: '일시정지', exact: true }).click()
  await beginAnew({ page, site })
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2)
  assert.equal(await page.evaluate(() => document.querySelector('video')?.paused), true)
})

test('what the system pauses plays on, what the viewer pauses does not', async (t) => {
  const { page } = await browser.visit(t, '/watch/b-live')
  await plays(page)
  const isPaused = (paused: boolean) =>
    page.waitForFunction((wanted) => document.querySelector('video')?.paused === wanted, paused)
  await page.evaluate(() => document.querySelector('video')?.pause()) // a call, a headset that went away
  await isPaused(false)
  await page.getByRole('button', { name: '일시정지', exact: true }).click()
  await isPaused(true)
  const anew = page.waitForRequest(/index\.m3u8/, { timeout: 12_000 }).then(
    () => 'begun anew',
    () => 'left alone',
  )
  assert.equal(await anew, 'left alone')
  await isPaused(true)
})

test('a player that hls.js left without a fault, and without pictures, is begun anew', async (t) => {
  const { page } = await browser.visit(t, '/watch/b-live')
  await plays(page)
  const again = page.waitForRequest(/index\.m3u8/)
  await page.evaluate(() => {
    const video = document.querySelector('video')
    Object.defineProperty(video, 'getVideoPlaybackQuality', { value: () => ({ totalVideoFrames: 7 }) }) // sound goes on
  })
  await again
})

test('who looks back twenty seconds stays there, at real speed, until they go back to live', async (t) => {
  const { page } = await browser.visit(t, '/watch/b-live', { locale: 'en-US' })
  await plays(page)
  const bar = page.getByRole('slider', { name: 'Look back in the broadcast' })
  await reachesBack(page)
  const isLive = () => page.locator(`[data-testid="${testIds.seekBar}"][aria-valuetext="Live"]`).waitFor()
  await isLive()
  const live = await latencyOf(page)
  await bar.focus()
  let chosen = 0 // four presses, or three where the picture stood still meanwhile
  while (chosen < 20) {
    await page.keyboard.press('ArrowLeft')
    const told = await page.waitForFunction(
      ([id, before]) => {
        const input = document.querySelector<HTMLInputElement>(`[data-testid="${id}"]`)
        return input && -input.valueAsNumber > before && { behind: -input.valueAsNumber, text: input.ariaValueText }
      },
      [testIds.seekBar, chosen] as const,
    )
    const shows = await told.jsonValue()
    assert.ok(shows)
    assert.equal(shows.text, `${shows.behind} s behind live`)
    chosen = shows.behind
  }
  await page.waitForFunction(() => document.querySelector('video')?.seeking === false)
  const paces = await page.evaluate(async () => {
    const video = document.querySelector('video')
    const shown = async () => {
      await new Promise((resolve) => video?.addEventListener('timeupdate', resolve, { once: true }))
      return { time: video?.currentTime ?? 0, at: performance.now() }
    }
    const paces: number[] = []
    for (let from = await shown(); paces.length < 20;) {
      const to = await shown()
      paces.push((to.time - from.time) / ((to.at - from.at) / 1_000))
      from = to
    }
    return paces.toSorted((one, other) => one - other)
  })
  const pace = paces[10] ?? 0 // of the middle one: whatever stood still for a moment is at the ends
  assert.ok(Math.abs(pace - 1) < 0.1, `${pace} times real speed: ${paces.join(' ')}`)
  const behind = await latencyOf(page)
  assert.ok(behind > live + 10 && behind < live + chosen + 5, `${behind} s behind, of ${live} s and ${chosen} s`)
  await page.getByTestId(testIds.backToLive).click()
  await page.getByTestId(testIds.backToLive).waitFor({ state: 'detached' })
  await isLive()
  await page.waitForFunction(
    ({ id, most }) => Number(document.querySelector(`[data-testid="${id}"]`)?.getAttribute('data-seconds')) < most,
    { id: testIds.latency, most: live + 3 },
  )
})

test('a player that begins anew, and a pause, leave who looks back where they were', async (t) => {
  const { page, site } = await browser.visit(t, '/watch/b-live')
  await plays(page)
  await reachesBack(page)
  await page.getByTestId(testIds.seekBar).fill('-20')
  /** @returns when what is on screen happened, in seconds */
  const isBehind = async () => {
    await page.locator(`[data-testid="${testIds.video}"][data-player-state="playing"]`).waitFor()
    // the label is written once a second
    const shown = await page.waitForFunction((id) => {
      const seconds = document.querySelector(`[data-testid="${id}"]`)?.getAttribute('data-seconds')
      const isThere = Number(seconds) > 12 && document.querySelector('video')?.seeking === false
      return isThere && Date.now() / 1_000 - Number(seconds)
    }, testIds.latency)
    return Number(await shown.jsonValue())
  }
  const behind = Date.now() / 1_000 - (await isBehind())
  assert.ok(behind < 40, `${behind} s behind`)
  const outlasts = async (what: () => Promise<void>) => {
    const before = await isBehind()
    await what()
    const moved = (await isBehind()) - before
    assert.ok(moved > -5, `${moved} s of the broadcast later`) // however long it took, nothing of it is seen twice
  }
  await outlasts(() => beginAnew({ page, site }))
  const pressed = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await outlasts(async () => {
    await pressed('일시정지')
    await pressed('재생')
    const time = await timeOf(page)
    await page.waitForFunction((from) => (document.querySelector('video')?.currentTime ?? 0) > from + 0.5, time)
  })
})
