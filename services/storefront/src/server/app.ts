import type Koa from 'koa'
import type { Registry } from 'prom-client'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { linkPreview, type PreviewDeps } from './link-preview.ts'
import { securityHeaders } from './security-headers.ts'
import { staticFiles } from './static-files.ts'

/** The static server: the built site with its security headers, links to shows with their previews, 404 as problem+json for everything that is no page. */
export function createStorefrontApp(options: {
  log: Logger
  registry: Registry
  folder: string
  hlsUrl?: string | undefined // where streams are, if not at the pages' own origin
  portone?: boolean
  previews?: Pick<PreviewDeps, 'commerceUrl' | 'publicUrl'> | undefined
}): Koa {
  return createHttpApp({
    log: options.log,
    registry: options.registry,
    middleware: [
      securityHeaders(options),
      ...(options.previews ? [linkPreview({ ...options, ...options.previews })] : []),
      staticFiles(options.folder),
    ],
  })
}
