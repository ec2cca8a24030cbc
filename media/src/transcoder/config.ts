/** The transcoder's only variable: it is told nothing that it could give away. */
import { readEnvOrExit } from '@mytaek1/platform/env.ts'
import { z } from 'zod'

/** Reads the environment, or ends the process naming the bad variable. */
export function readTranscoderConfig() {
  return readEnvOrExit({ TRANSCODER_DIR: transcoderDirectory() })
}

/** The directory of the sockets between a stream process and its transcoder; unix sockets have short names. */
export const transcoderDirectory = () =>
  z.string().regex(/^\/.{0,79}$/, 'must be an absolute path of at most 80 characters')
