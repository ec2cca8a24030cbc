/** Clips as encoders send them, made by ffmpeg once and sent as often as wanted. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { FlvPipeReader } from '../transcode/flv-pipe.ts'

const run = promisify(execFile)

/** The picture's and the sound's encoders of every case, unless it says otherwise. */
export const x264 = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -b:v 400k'
export const aac = '-c:a aac -ar 48000 -ac 2'
export const pattern = '-f lavfi -i testsrc2=size=640x360:rate=30'
export const tone = '-f lavfi -i sine=frequency=440:sample_rate=48000'

/** What ffmpeg sends of a command line: its metadata, headers and media, in order. */
export async function makeClip(commandLine: string): Promise<MediaMessage[]> {
  const args = ['-v', 'error', ...commandLine.split(' ').filter((word) => word !== ''), '-f', 'flv', 'pipe:1']
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 })
  return new FlvPipeReader().push(stdout).map(({ type, timestampMs, body }) => ({
    type: type === 'script' ? 'metadata' : type,
    timestampMs,
    body: Buffer.from(body),
  }))
}
