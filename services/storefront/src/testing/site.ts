import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { createStorefrontApp } from '../server/app.ts'
import { ApiFixture } from './api-fixture.ts'

/** The real static server with the fixture's API on the same origin, as the ingress would put them; streams at `hlsUrl`, if named. */
export async function startSite(
  folder: string,
  hlsUrl?: string,
): Promise<{ url: string; api: ApiFixture; close: () => Promise<void> }> {
  const api = new ApiFixture()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // what the server asks commerce for itself is no request of the page: a test's refusals are not for it
  const previews = { commerceUrl: `${url}/inside`, publicUrl: url }
  const log = createLogger({ service: 'storefront', level: 'error' })
  const serve = createStorefrontApp({
    log,
    registry: createRegistry('storefront'),
    folder,
    hlsUrl,
    previews,
  }).callback()
  server.on('request', (request, response) => {
    const asked = /^\/inside\/.*\/broadcasts\/([\w-]+)$/.exec(request.url ?? '')?.[1]
    const show = api.state.broadcasts.find(({ id }) => id === asked)
    if (request.url?.startsWith('/inside/'))
      return void response
        .writeHead(show ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify(show ?? {}))
    const answer = async () => {
      if (!(await api.answer(request, response))) await serve(request, response)
    }
    answer().catch((error: unknown) => {
      if (request.complete) throw error // else its page was left in the middle of it
    })
  })
  return {
    url,
    api,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
