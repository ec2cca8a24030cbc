/** A transcoder in this process, with a directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TranscoderServer } from '../server.ts'

export interface TranscoderFixture {
  directory: string
  close: () => Promise<void>
}

/** @param ffmpegPath a program in ffmpeg's place; absent: ffmpeg */
export async function startTranscoder(ffmpegPath?: string): Promise<TranscoderFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-transcoder-'))
  const server = new TranscoderServer({ directory, ffmpegPath })
  await server.listen()
  return {
    directory,
    close: async () => {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
