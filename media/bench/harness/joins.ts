/** How long a viewer who comes at random waits for the first picture, navigation and player included, in Chromium. */
import { setTimeout as wait } from 'node:timers/promises'
import { openBrowser } from './browser-player.ts'
import { startChain } from './chain.ts'
import { quantile } from './figures.ts'
import { makeStampedClip } from './stamped-clip.ts'
import { StampedEncoder } from './stamped-encoder.ts'

const gopPictures = 250
const frameRate = 30
const runInMs = 25_000 // three key-frame intervals: the playlist is as long as it gets
/** Pictures from before are no live ones: who joins is first shown what is this close to the encoder. */
const mostBehindMs = 4_000
const patienceMs = 15_000
const goldenRatio = 0.618_034 // its multiples spread evenly over the interval, however many there are

/** Joins `count` times, at moments spread over the key-frame interval. */
export async function measureJoins({ width, height, count }: { width: number; height: number; count: number }) {
  const intervalMs = (gopPictures / frameRate) * 1000
  const clip = await makeStampedClip({
    width,
    height,
    frameRate,
    seconds: (gopPictures * 3) / frameRate,
    bitrateBps: 2_000_000,
    gopPictures,
  })
  const chain = await startChain({
    latency: 'Low',
    ladder: [{ height: height > 360 ? 360 : 180, bitrateBps: 600_000 }],
  })
  const encoder = new StampedEncoder(clip, { port: chain.rtmpPort, key: chain.key })
  await encoder.start()
  const startedAt = performance.now()
  await wait(runInMs)
  const browser = await openBrowser()
  const tookMs: number[] = []
  for (let index = 0; index < count; index += 1) {
    const phaseMs = ((index * goldenRatio) % 1) * intervalMs
    await wait((((phaseMs - (performance.now() - startedAt)) % intervalMs) + intervalMs) % intervalMs)
    tookMs.push(await joinOnce(browser, `${chain.edgeUrl}/index.m3u8`, encoder))
  }
  await browser.close()
  await encoder.stop()
  await chain.close()
  const seconds = tookMs.map((ms) => ms / 1000)
  return { p50: quantile(seconds, 0.5, 2), p95: quantile(seconds, 0.95, 2), most: quantile(seconds, 1, 2) }
}

async function joinOnce(
  browser: Awaited<ReturnType<typeof openBrowser>>,
  url: string,
  encoder: StampedEncoder,
): Promise<number> {
  const player = await browser.open({ url })
  const deadline = performance.now() + patienceMs
  try {
    while (performance.now() < deadline) {
      const { shown, openedAtMs } = await player.facts()
      const first = shown.find(({ picture, atMs }) => {
        const sentAt = encoder.sentBefore(picture, atMs)
        return sentAt !== undefined && atMs - sentAt < mostBehindMs
      })
      if (first !== undefined) return first.atMs - openedAtMs
      await wait(100)
    }
    return patienceMs
  } finally {
    await player.close()
  }
}
