/**
 * hls.js in Chromium, set and driven as the watch page does it (the storefront's own hls-config.ts, hinted-parts.ts,
 * join-live.ts and
 * chase-live.ts), with a reader of the picture numbers on the screen.
 */
import { createServer, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { barBits } from './stamped-clip.ts'

/** One picture as it appeared: its number, and the wall clock in ms. */
export interface ShownPicture {
  picture: number
  atMs: number
}

export interface PlayerFacts {
  openedAtMs: number // wall clock: when the page was navigated to
  shown: ShownPicture[]
  stalls: number
  errors: string[]
  warnings: string[]
  currentTime: number
  latency: number
  level: number
  droppedFrames: number
  /** For how long the page itself did not run, in ms since the last facts: what it did not show then is nobody's fault. */
  stoodStillMs: number
}

export interface BrowserPlayer {
  facts(): Promise<PlayerFacts>
  /** Waits until it plays at `seconds` or further, or has ended; then the facts so far. */
  played(seconds: number, timeoutMs: number): Promise<PlayerFacts>
  /** Goes to `seconds`, and plays on there. */
  seek(seconds: number): Promise<void>
  screenshot(path: string): Promise<void>
  setLevel(level: number): Promise<void>
  close(): Promise<void>
}

/** What to play, and the level to stay on. */
export interface PlayerOptions {
  url: string
  level?: 'highest' | 'lowest'
  /** A viewer's machine is not the server's: where the server's punctuality is looked at, the browser takes what is left. */
  yields?: boolean
}

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const yielding = join(import.meta.dirname, 'chromium-yields.sh')
const watchPage = join(import.meta.dirname, '../../../services/storefront/src/player')
/** How often the watch page looks where it stands. */
const chaseMs = 250
const tickMs = 50
const lateMs = 200 // no tick is later where the page runs
const launchMs = 120_000

/** A Chromium of its own for one player. */
export async function openPlayer(options: PlayerOptions): Promise<BrowserPlayer> {
  const browser = await openBrowser(options)
  const player = await browser.open(options)
  return { ...player, close: () => browser.close() }
}

/** A Chromium whose players come and go. */
export async function openBrowser({ yields }: { yields?: boolean | undefined } = {}) {
  const browser = await chromium.launch({
    executablePath: yields ? yielding : executablePath,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'],
    timeout: launchMs,
  })
  const servers: Server[] = []
  return {
    open: async (options: PlayerOptions): Promise<BrowserPlayer> => {
      const server = await servePage(pageFor(options), await scripts())
      servers.push(server)
      const page = await browser.newPage({ viewport: { width: 660, height: 400 } })
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      return player(page)
    },
    close: async () => {
      await browser.close()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function scripts(): Promise<Record<string, string>> {
  const module = async (name: string) => stripTypeScriptTypes(await readFile(join(watchPage, name), 'utf8'))
  return {
    '/hls.js': await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8'),
    '/hls-config.js': await module('hls-config.ts'),
    '/hinted-parts.js': await module('hinted-parts.ts'),
    '/join-live.ts': await module('join-live.ts'), // as hinted-parts.ts names it
    '/chase-live.js': await module('chase-live.ts'),
  }
}

function player(page: Page): BrowserPlayer {
  return {
    facts: () => page.evaluate('window.facts()') as Promise<PlayerFacts>,
    played: async (seconds, timeoutMs) => {
      const isThere = `!video.seeking && (video.ended || video.currentTime >= ${seconds})`
      await page.waitForFunction(
        `(() => { const video = document.querySelector('video'); return ${isThere} })()`,
        null,
        {
          timeout: timeoutMs,
        },
      )
      return page.evaluate('window.facts()') as Promise<PlayerFacts>
    },
    seek: async (seconds) =>
      void (await page.evaluate(
        `(() => { const video = document.querySelector('video'); video.currentTime = ${seconds}; void video.play() })()`,
      )),
    screenshot: async (path) => void (await page.screenshot({ path })),
    setLevel: async (level) => void (await page.evaluate(`window.hls.nextLevel = ${level}`)),
    close: () => page.close(),
  }
}

function servePage(html: string, scripts: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer((request, response) => {
    const script = scripts[request.url ?? '']
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    response.end(script ?? html)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function pageFor({ url, level }: PlayerOptions): string {
  return `<!doctype html><video id="video" muted autoplay playsinline width="640" height="360"></video><script src="/hls.js"></script><script type="module">
import { liveHlsConfig } from '/hls-config.js'
import { playerWithHints } from '/hinted-parts.js'
import { playbackRate, stallMarginSeconds } from '/chase-live.js'
const video = document.getElementById('video'), shown = [], errors = [], warnings = []
const stalledAt = []
const keep = (list) => (...parts) => { if (list.length < 200) list.push(parts.join(' ').slice(0, 300)) }
const logger = { log() {}, info() {}, debug() {}, trace() {}, warn: keep(warnings), error: keep(errors) }
const hls = window.hls = playerWithHints(Hls, { ...liveHlsConfig, debug: logger })
hls.on(Hls.Events.MANIFEST_PARSED, () => { ${level === undefined ? '' : `hls.currentLevel = ${level === 'highest' ? 'hls.levels.length - 1' : '0'}`} })
hls.on(Hls.Events.ERROR, (_, data) => { if (data.details === 'bufferStalledError') stalledAt.push(performance.now()); else errors.push(data.details + ' ' + (data.error?.message ?? '')) })
hls.loadSource(${JSON.stringify(url)}); hls.attachMedia(video)
const canvas = new OffscreenCanvas(${(barBits + 2) * 4}, 4), context = canvas.getContext('2d', { willReadFrequently: true })
const read = () => {
  context.drawImage(video, 0, 0, Math.floor(video.videoWidth / ${barBits + 2}) * ${barBits + 2}, video.videoHeight / 10, 0, 0, canvas.width, 4)
  const pixels = context.getImageData(0, 2, canvas.width, 1).data
  const bit = (index) => pixels[(index * 4 + 2) * 4] > 128 ? 1 : 0
  if (bit(0) !== 1 || bit(1) !== 0) return -1
  let number = 0
  for (let index = 0; index < ${barBits}; index++) number = number * 2 + bit(index + 2)
  return number
}
const each = (now, frame) => {
  const picture = read()
  if (picture >= 0) shown.push({ picture, atMs: performance.timeOrigin + now })
  video.requestVideoFrameCallback(each)
}
video.requestVideoFrameCallback(each)
setInterval(() => {
  const details = hls.latestLevelDetails, behindSeconds = hls.latency
  const holdBack = details?.partHoldBack || details?.holdBack
  if (!details?.live || !holdBack || !(behindSeconds > 0) || video.paused) return // plain HLS names no distance to keep
  const { buffered, currentTime } = video
  const rate = playbackRate({
    behindSeconds,
    targetSeconds: holdBack + stallMarginSeconds(stalledAt, performance.now()),
    aheadSeconds: (buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime) - currentTime,
    partSeconds: details.partTarget || details.targetduration,
  })
  if (video.playbackRate !== rate) video.playbackRate = rate
}, ${chaseMs})
let tickedAt = performance.now(), stoodStillMs = 0
const look = () => {
  const now = performance.now()
  if (now - tickedAt > ${tickMs + lateMs}) stoodStillMs += now - tickedAt - ${tickMs}
  tickedAt = now
}
setInterval(look, ${tickMs})
const takeStandstill = () => {
  look()
  const taken = stoodStillMs
  stoodStillMs = 0
  return taken
}
window.facts = () => ({ openedAtMs: performance.timeOrigin, stoodStillMs: takeStandstill(), shown: shown.splice(0), stalls: stalledAt.length, errors, warnings, currentTime: video.currentTime, latency: hls.latency, level: hls.currentLevel, droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames })
</script>`
}
