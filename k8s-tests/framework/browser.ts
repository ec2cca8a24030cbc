import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { artifacts } from './platform-under-test.ts'

/** A page in the machine's own Chromium; closed with the test. What the page logs as errors is collected. */
export async function openPage(
  t: TestContext,
  options: { width?: number; height?: number; locale?: string } = {},
): Promise<{ page: Page; errors: string[]; screenshot: (name: string) => Promise<string> }> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
  t.after(() => browser.close())
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    locale: options.locale ?? 'ko-KR',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  return {
    page,
    errors,
    screenshot: async (name) => {
      mkdirSync(artifacts, { recursive: true })
      const file = path.join(artifacts, `${name}.png`)
      await page.screenshot({ path: file })
      return file
    },
  }
}
