/** The built storefront in front of both services as they are, on one origin as the ingress puts them, and a real Chromium. */
import assert from 'node:assert/strict'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { listen } from '@mytaek1/platform/health.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { testPassword, type TestAccount } from '../../services/commerce/src/testing/factories.ts'
import { createStorefrontApp } from '../../services/storefront/src/server/app.ts'
import { hearBeacons } from '../../services/storefront/src/testing/beacon-faults.ts'
import { buildSite } from '../../services/storefront/src/testing/built-site.ts'
import { testIds } from '../../services/storefront/src/testing/test-ids.ts'

const patienceMs = 60_000

/** A site whose services are told by `lead`, once they run: they have to know its address first. */
export async function startSite() {
  const { folder, remove } = await buildSite()
  const log = createLogger({ service: 'storefront', level: 'error' })
  const pages = createStorefrontApp({ log, registry: createRegistry('storefront'), folder }).callback()
  const services = new Map<string, string>()
  const server = createServer((asked, response) => {
    const target = [...services].find(([prefix]) => asked.url?.startsWith(prefix))?.[1]
    if (target === undefined) void pages(asked, response)
    else forward(target, asked, response)
  })
  await listen(server, 0, '127.0.0.1')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
    timeout: 2 * patienceMs,
  })
  after(async () => {
    await browser.close()
    server.close().closeAllConnections()
    await remove()
  })
  return {
    url,
    folder,
    /** From now on paths with this beginning are a service's. */
    lead: (prefix: string, target: string) => void services.set(prefix, target),
    /** A page of a browser of its own, signed in; `loaded` are the answers' bodies of this origin's scripts. */
    visit: async (t: TestContext, account: TestAccount, options: { locale?: string } = {}) => {
      const context = await browser.newContext({ locale: options.locale ?? 'ko-KR' })
      const faults: string[] = []
      await hearBeacons(context, faults)
      context.setDefaultTimeout(patienceMs)
      const page = await context.newPage()
      page.on('pageerror', ({ message }) => faults.push(message))
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) faults.push(message.text())
      })
      const requests: { url: string; body: string }[] = []
      page.on('request', (each) => requests.push({ url: each.url(), body: each.postData() ?? '' }))
      t.after(async () => {
        await context.close()
        assert.deepEqual(faults, [])
      })
      await page.goto(`${url}/sign-in`)
      await signIn(page, account)
      return { page, faults, requests }
    },
  }
}

async function signIn(page: Page, { email }: TestAccount): Promise<void> {
  await page.getByTestId(testIds.email).fill(email)
  await page.getByTestId(testIds.password).fill(testPassword)
  await page.getByTestId(testIds.submit).click()
  await page.getByTestId(testIds.signOut).waitFor()
}

function forward(target: string, asked: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = asked
  const call = request(new URL(url, target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  call.once('error', () => response.destroy())
  response.once('close', () => call.destroy())
  asked.pipe(call)
}
