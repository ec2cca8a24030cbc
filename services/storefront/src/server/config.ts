import { join } from 'node:path'
import { commonVariables, readEnvOrExit, text } from '@mytaek1/platform/env.ts'

const builtFolder = join(import.meta.dirname, '../../dist')

/** This process's environment: the common variables, and `STATIC_FOLDER`, the folder that `vite build` wrote. */
export const readConfig = () => readEnvOrExit({ ...commonVariables, STATIC_FOLDER: text(builtFolder) })
