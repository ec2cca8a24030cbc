/** Serves the built storefront: `node services/storefront/src/server/main.ts`. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { createStorefrontApp } from './app.ts'
import { readConfig } from './config.ts'

const config = readConfig()
const log = createLogger({ service: 'storefront', level: config.LOG_LEVEL })
const registry = createRegistry('storefront')
const shutdown = new Shutdown({ log })
shutdown.listen()

const readiness = new Readiness()
readiness.add('site', async () => {
  await access(join(config.STATIC_FOLDER, 'index.html'))
  return true
})
const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
shutdown.onStop('admin', () => admin.close())
const app = createStorefrontApp({
  log,
  registry,
  folder: config.STATIC_FOLDER,
  hlsUrl: config.PUBLIC_HLS_URL,
  portone: config.PORTONE,
  beaconPercent: config.BEACON_PERCENT,
  trustedProxies: config.TRUSTED_PROXIES,
  previews:
    config.COMMERCE_URL === undefined
      ? undefined
      : { commerceUrl: config.COMMERCE_URL, publicUrl: config.PUBLIC_HTTP_URL },
})
const server = await startHttpServer(app, { port: config.PORT })
shutdown.onStop('http', async () => {
  await server.lameDuck()
  await server.close()
})
shutdown.onStop('readiness', () => readiness.drain())
log.info('storefront.started', { port: server.port, adminPort: admin.port })
