import type Koa from 'koa'
import type { Registry } from 'prom-client'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { beacon } from './beacon.ts'
import { linkPreview, type PreviewDeps } from './link-preview.ts'
import { securityHeaders } from './security-headers.ts'
import { staticFiles } from './static-files.ts'

/** The static server: the built site with its security headers, links to shows with their previews, what pages tell of themselves, 404 as problem+json for everything that is no page. */
export function createStorefrontApp(options: {
  log: Logger
  registry: Registry
  folder: string
  hlsUrl?: string | undefined // where streams are, if not at the pages' own origin
  portone?: boolean
  previews?: Pick<PreviewDeps, 'commerceUrl' | 'publicUrl' | 'answerMs'> | undefined
  beaconPercent?: number // of visits that tell how they went
  trustedProxies?: number
}): Koa {
  const { beaconPercent: percent = 100 } = options
  return createHttpApp({
    log: options.log,
    registry: options.registry,
    ...(options.trustedProxies !== undefined && { trustedProxies: options.trustedProxies }),
    middleware: [
      securityHeaders(options),
      beacon({ ...options, percent }),
      ...(options.previews ? [linkPreview({ ...options, ...options.previews })] : []),
      staticFiles(options.folder),
    ],
  })
}
