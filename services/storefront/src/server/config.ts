import { join } from 'node:path'
import { commonVariables, flag, readEnvOrExit, text, url } from '@mytaek1/platform/env.ts'

const builtFolder = join(import.meta.dirname, '../../dist')

/**
 * This process's environment: the common variables, `STATIC_FOLDER`, the folder that `vite build` wrote, `PUBLIC_HLS_URL`,
 * where streams are if not at the pages' own origin, and `PORTONE`.
 */
export const readConfig = () =>
  readEnvOrExit({
    ...commonVariables,
    STATIC_FOLDER: text(builtFolder),
    PUBLIC_HLS_URL: url(['http:', 'https:']).optional(),
    PORTONE: flag(false), // PortOne's payment window is opened by its own script, which the security policy then lets in
  })
