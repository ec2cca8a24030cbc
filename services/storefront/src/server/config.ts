import { join } from 'node:path'
import { commonVariables, flag, readEnvOrExit, text, url, wholeNumber } from '@mytaek1/platform/env.ts'

const builtFolder = join(import.meta.dirname, '../../dist')

/**
 * This process's environment: the common variables, `STATIC_FOLDER`, the folder that `vite build` wrote, `PUBLIC_HLS_URL`,
 * where streams are if not at the pages' own origin, `PORTONE`, and, for previews of links, `COMMERCE_URL`, where commerce answers
 * within the platform, and `PUBLIC_HTTP_URL`, where the site is for everybody. `BEACON_PERCENT` of visits tell how they went, and
 * are limited by the address that `TRUSTED_PROXIES` proxies in front say.
 */
export const readConfig = () =>
  readEnvOrExit({
    ...commonVariables,
    STATIC_FOLDER: text(builtFolder),
    COMMERCE_URL: url(['http:', 'https:']).optional(),
    PUBLIC_HTTP_URL: url(['http:', 'https:'], 'http://127.0.0.1:8080'),
    PUBLIC_HLS_URL: url(['http:', 'https:']).optional(),
    BEACON_PERCENT: wholeNumber({ default: 100, max: 100 }),
    TRUSTED_PROXIES: wholeNumber({ default: 1, max: 10 }),
    PORTONE: flag(false), // PortOne's payment window is opened by its own script, which the security policy then lets in
  })
