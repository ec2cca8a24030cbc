/** Recordings in a real browser: played to the end whatever they are made of, and an honest word where that is not possible. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { makeRecordingOfTwoKinds } from '../testing/recording-of-two-kinds.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const partSeconds = 8
let browser: TestBrowser
let folder: string

before(
  async () => {
    folder = await makeRecordingOfTwoKinds(partSeconds)
    browser = await startTestBrowser()
  },
  { timeout: 240_000 },
)
after(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(t: TestContext) {
  const visit = await browser.visit(t, '/')
  const { page, site } = visit
  site.api.recordingFolder = folder
  await page.goto(`${site.url}/watch/b-over`)
  await page.locator(`[data-testid="${testIds.video}"][data-player-state="ready"][controls]`).waitFor()
  return visit
}

/** Plays from a second on, and waits for another one to be shown. */
async function playOver(page: Page, fromSeconds: number, toSeconds: number): Promise<void> {
  await page.evaluate(async (from) => {
    const video = document.querySelector('video')
    if (video === null) return
    video.muted = true
    video.currentTime = from
    await video.play().catch(() => undefined) // begun anew meanwhile: then it plays by itself
  }, fromSeconds)
  await page.waitForFunction((to) => {
    const video = document.querySelector('video')
    return video !== null && video.currentTime >= to && video.readyState >= 2 && !video.seeking
  }, toSeconds)
}

test('a recording whose encoder came back without sound plays to its end', async (t) => {
  const { page } = await open(t)
  await playOver(page, partSeconds - 2, partSeconds + 2)
  await page.waitForFunction(() => document.querySelector('video')?.ended === true)
  const end = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  assert.ok(end > 2 * partSeconds - 0.5, `ended at ${end} s`)
})

test('it can be sought over the change, there and back', async (t) => {
  const { page } = await open(t)
  await playOver(page, partSeconds + 4, partSeconds + 4.5)
  await playOver(page, 2, 2.5)
  const time = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  assert.ok(time < partSeconds, `${time} s`)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await playOver(page, 1, 3) // and seconds are left to look
  assert.ok(!asked.some((url) => url.includes('seg-1-')), 'what has other tracks is not asked for before its time')
})

test('a recording that cannot be read says so, and plays on once it can be', async (t) => {
  const { page, site } = await open(t)
  await playOver(page, 1, 2)
  site.api.recordingRefusal = 500
  await page.evaluate(() => {
    const video = document.querySelector('video')
    if (video) video.currentTime = 12
  })
  const failed = page.locator(`[data-testid="${testIds.stageMessage}"][data-state="failed"]`)
  await failed.waitFor({ timeout: 300_000 })
  site.api.recordingRefusal = undefined
  await page.getByTestId(testIds.retryPlaying).click()
  await failed.waitFor({ state: 'detached' })
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2)
  const time = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  assert.ok(time > 10, `it goes on at ${time} s`)
})

test('a recording that never was is told at once, where its broadcast is long over', async (t) => {
  const { page, site } = await browser.visit(t, '/')
  site.api.recordingFolder = '/nowhere'
  Object.assign(site.api.state.broadcasts.find(({ id }) => id === 'b-over') ?? {}, {
    endedAt: new Date(0).toISOString(),
  })
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/recording/') && asked.push(request.url()))
  await page.goto(`${site.url}/watch/b-over`)
  await page.locator(`[data-testid="${testIds.stageMessage}"][data-state="ended"]`).waitFor()
  assert.equal(asked.length, 1)
})
