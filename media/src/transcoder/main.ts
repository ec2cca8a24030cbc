/** Composition root of the transcoder, the container of a stream Pod in which ffmpeg runs. */
import { readTranscoderConfig } from './config.ts'
import { TranscoderServer } from './server.ts'

/** Serves until it is told to stop; kubelet does so when the stream process has ended. */
export async function runTranscoder(): Promise<void> {
  const { TRANSCODER_DIR: directory } = readTranscoderConfig()
  process.once('SIGTERM', () => process.exit(0)) // a container's first process ignores what it does not listen for
  await new TranscoderServer({ directory }).listen()
}
