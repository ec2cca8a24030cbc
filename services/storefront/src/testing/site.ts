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
  const log = createLogger({ service: 'storefront', level: 'error' })
  const serve = createStorefrontApp({ log, registry: createRegistry('storefront'), folder, hlsUrl }).callback()
  const server = createServer((request, response) => {
    void (async () => {
      if (!(await api.answer(request, response))) await serve(request, response)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    api,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
