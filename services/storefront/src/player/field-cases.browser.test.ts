/** What encoders in the field do, through the real media processes, as the watch page shows it in a real browser. */
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { startRealStream, type RealStream } from '../testing/real-stream.ts'
import { startTestBrowser, type TestBrowser } from '../testing/test-browser.ts'
import { testIds } from '../testing/test-ids.ts'

const awaySeconds = 8

let browser: TestBrowser
before(
  async () => {
    standApart()
    browser = await startTestBrowser()
  },
  { timeout: 240_000 },
)
after(() => browser?.close())

interface Seen {
  time: number
  pictures: number
  soundBytes: number
  atMs: number
}

/** What the video element shows; the bytes of sound that were decoded are Chromium's own counter. */
const look = (page: Page): Promise<Seen> =>
  page.evaluate(() => {
    const video: (HTMLVideoElement & { webkitAudioDecodedByteCount?: number }) | null = document.querySelector('video')
    return {
      time: video?.currentTime ?? 0,
      pictures: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
      soundBytes: video?.webkitAudioDecodedByteCount ?? 0,
      atMs: performance.now(),
    }
  })

/** Looks every half second. */
async function lookFor(page: Page, lookSeconds: number): Promise<Seen[]> {
  const seen: Seen[] = []
  for (let index = 0; index <= lookSeconds * 2; index++) {
    seen.push(await look(page))
    await wait(500)
  }
  return seen
}

const playsTo = (page: Page, seconds: number) =>
  page.waitForFunction((to) => (document.querySelector('video')?.currentTime ?? 0) > to, seconds)
const isPlaying = (page: Page) =>
  page.locator(`[data-testid="${testIds.video}"][data-player-state="playing"]`).waitFor()

async function watch(t: TestContext, stream: RealStream) {
  const { page, site } = await browser.visit(t, '/')
  site.api.edgeUrl = stream.edgeUrl
  await page.goto(`${site.url}/watch/b-live`)
  await isPlaying(page)
  const { time } = await look(page)
  await playsTo(page, time + 2)
  return { page, site }
}

async function startStream(t: TestContext) {
  const stream = await startRealStream()
  t.after(() => stream.close())
  return stream
}

function spanOf(seen: readonly Seen[]) {
  const [first, last] = [seen[0], seen.at(-1)]
  assert.ok(first && last)
  return {
    seconds: (last.atMs - first.atMs) / 1_000,
    played: last.time - first.time,
    pictures: last.pictures - first.pictures,
    soundBytes: last.soundBytes - first.soundBytes,
  }
}

test('a phone whose app goes to the background: the sound goes on, the last picture stays, nothing is begun anew', async (t) => {
  const stream = await startStream(t)
  const encoder = await stream.publish('both')
  const { page, site } = await watch(t, stream)
  const before = spanOf(await lookFor(page, 4))
  encoder.sendsPictures = false
  await wait(2_000) // until the page has played what came before
  const away = spanOf(await lookFor(page, awaySeconds - 2))
  encoder.sendsPictures = true
  assert.ok(away.played > away.seconds * 0.85, `${away.played} s played in ${away.seconds} s without pictures`)
  const [soundBefore, soundAway] = [before.soundBytes / before.played, away.soundBytes / away.played]
  assert.ok(soundAway > soundBefore * 0.85, `${soundAway} bytes of sound a second, ${soundBefore} before`)
  const back = await look(page)
  await page.waitForFunction(
    (pictures) => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > pictures + 60,
    back.pictures,
  )
  await isPlaying(page)
  assert.equal(site.api.hlsAskedAt.length, 1, 'begun anew')
})

test('an encoder that comes back without sound: the page plays on', async (t) => {
  const stream = await startStream(t)
  const first = await stream.publish('both')
  const { page, site } = await watch(t, stream)
  await first.stop()
  await stream.publish('picture only')
  const { pictures } = await look(page)
  const seen = await lookFor(page, 12)
  await isPlaying(page)
  const after = spanOf(seen.slice(-8))
  assert.ok((seen.at(-1)?.pictures ?? 0) > pictures + 100, 'the new pictures are shown')
  assert.ok(after.played > after.seconds * 0.85, `${after.played} s played in ${after.seconds} s`)
  assert.equal(site.api.hlsAskedAt.length, 1, 'begun anew')
})
