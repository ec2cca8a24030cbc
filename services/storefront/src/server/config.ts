import { join } from 'node:path'
import { commonVariables, flag, readEnvOrExit, text } from '@mytaek1/platform/env.ts'

const builtFolder = join(import.meta.dirname, '../../dist')

/** This process's environment: the common variables, `STATIC_FOLDER`, the folder that `vite build` wrote, and `PORTONE`. */
export const readConfig = () =>
  readEnvOrExit({
    ...commonVariables,
    STATIC_FOLDER: text(builtFolder),
    PORTONE: flag(false), // PortOne's payment window is opened by its own script, which the security policy then lets in
  })
