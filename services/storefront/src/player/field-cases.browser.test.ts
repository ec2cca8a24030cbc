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
const lookMs = 500
const patienceMs = 60_000

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

/** Looks every half second until so much was played. */
async function lookFor(page: Page, playedSeconds: number): Promise<Seen[]> {
  const first = await look(page)
  const seen = [first]
  for (let next = first; next.time < first.time + playedSeconds; seen.push(next)) {
    assert.ok(next.atMs < first.atMs + patienceMs, `${next.time - first.time} s played in a minute`)
    await wait(lookMs)
    next = await look(page)
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
  return { page, site, asked: site.api.hlsAskedAt.length }
}

async function startStream(t: TestContext) {
  const stream = await startRealStream()
  t.after(() => stream.close())
  return stream
}

/** How much sound a second of what was played has. */
function soundOf(seen: readonly Seen[]): number {
  const [first, last] = [seen[0], seen.at(-1)]
  assert.ok(first && last)
  return (last.soundBytes - first.soundBytes) / (last.time - first.time)
}

/** How fast it was played, in the middle one of all looks: in some of them the machine may have stood still. */
function paceOf(seen: readonly Seen[]): number {
  const paces = seen
    .slice(1)
    .map(({ time, atMs }, index) => (time - (seen[index]?.time ?? 0)) / ((atMs - (seen[index]?.atMs ?? 0)) / 1_000))
    .toSorted((one, other) => one - other)
  return paces[Math.floor(paces.length / 2)] ?? 0
}

test('a phone whose app goes to the background: the sound goes on, the last picture stays, nothing is begun anew', async (t) => {
  const stream = await startStream(t)
  const encoder = await stream.publish('both')
  const { page, site, asked } = await watch(t, stream)
  const before = await lookFor(page, 4)
  encoder.sendsPictures = false
  await wait(2_000) // until the page has played what came before
  const away = await lookFor(page, awaySeconds - 2)
  encoder.sendsPictures = true
  assert.ok(paceOf(away) > 0.85, `${paceOf(away)} times real speed without pictures`)
  const [soundBefore, soundAway] = [soundOf(before), soundOf(away)]
  assert.ok(soundAway > soundBefore * 0.85, `${soundAway} bytes of sound a second, ${soundBefore} before`)
  const back = await look(page)
  await page.waitForFunction(
    (pictures) => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > pictures + 60,
    back.pictures,
  )
  await isPlaying(page)
  assert.equal(site.api.hlsAskedAt.length, asked, 'begun anew')
})

test('an encoder that comes back without sound: the page plays on', async (t) => {
  const stream = await startStream(t)
  const first = await stream.publish('both')
  const { page, site, asked } = await watch(t, stream)
  await first.stop()
  await stream.publish('picture only')
  const { pictures } = await look(page)
  await page.waitForFunction(
    (before) => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > before + 100,
    pictures,
  )
  await isPlaying(page)
  const after = await lookFor(page, 4)
  assert.ok(paceOf(after) > 0.85, `${paceOf(after)} times real speed`)
  assert.equal(site.api.hlsAskedAt.length, asked, 'begun anew')
})
