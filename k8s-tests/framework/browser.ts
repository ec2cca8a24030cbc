import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { hearBeacons } from '@mytaek1/storefront/beacon-faults.ts'
import { artifacts } from './platform-under-test.ts'

/**
 * A page in the machine's own Chromium; closed with the test, which fails if the page threw what nobody caught, or its beacon
 * told of such.
 */
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
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    locale: options.locale ?? 'ko-KR',
  })
  const errors: string[] = []
  t.after(async () => {
    await browser.close()
    assert.deepEqual(errors, [])
  })
  await hearBeacons(context, errors)
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
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
