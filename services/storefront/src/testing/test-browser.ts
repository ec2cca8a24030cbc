import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { hearBeacons } from './beacon-faults.ts'
import { buildSite } from './built-site.ts'
import { startLiveStream } from './live-stream.ts'
import { startSite } from './site.ts'

const patienceMs = 60_000 // two cores may be shared with every other suite

export interface Visit {
  readonly page: Page
  readonly site: Awaited<ReturnType<typeof startSite>>
  /** The site that has the stream. */
  readonly streams: Awaited<ReturnType<typeof startSite>>
  /** Exceptions and breaches so far; what a test expects it takes out. */
  readonly faults: string[]
  /** Emits each report that the page sends of how it goes. */
  readonly beacons: Awaited<ReturnType<typeof hearBeacons>>
}

/** The built site, a live stream and a real Chromium, for one test file. */
export interface TestBrowser {
  /** A page on a site of its own; at its end nothing may have been logged as an error or broken the security policy. */
  visit(
    t: TestContext,
    path: string,
    options?: {
      width?: number
      height?: number
      locale?: string
      streamsElsewhere?: boolean
      /** The picture is 9:16 instead of 16:9. */
      upright?: boolean
    },
  ): Promise<Visit>
  close(): Promise<void>
}

/** Builds the site and starts the rest. */
export async function startTestBrowser(): Promise<TestBrowser> {
  const stream = await startLiveStream()
  let uprightStream: ReturnType<typeof startLiveStream> | undefined
  const { folder, remove } = await buildSite()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'], // with the autoplay policy that people have
    timeout: 2 * patienceMs,
  })
  return {
    async visit(
      t,
      path,
      { width = 1_280, height = 800, locale = 'ko-KR', streamsElsewhere = false, upright = false } = {},
    ) {
      const elsewhere = streamsElsewhere ? await startSite(folder) : undefined
      const site = await startSite(folder, elsewhere?.url)
      const streams = elsewhere ?? site
      if (upright) uprightStream ??= startLiveStream('360x640')
      streams.api.hlsFolder = (upright ? await uprightStream : stream)?.folder
      for (const broadcast of site.api.state.broadcasts) Object.assign(broadcast, { hlsOrigin: elsewhere?.url ?? null })
      const context = await browser.newContext({ viewport: { width, height }, locale })
      const faults: string[] = []
      const beacons = await hearBeacons(context, faults)
      context.setDefaultTimeout(patienceMs) // of further pages, too
      const page = await context.newPage()
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) faults.push(message.text())
      })
      t.after(async () => {
        await context.close()
        await site.close()
        await elsewhere?.close()
        assert.deepEqual(faults, [])
      })
      await page.goto(site.url + path)
      return { page, site, streams, faults, beacons }
    },
    async close() {
      await browser.close()
      await stream.stop()
      await (await uprightStream)?.stop()
      await remove()
    },
  }
}
