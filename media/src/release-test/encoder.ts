import { spawnChild } from '../transcoder/spawn-child.ts'

const keptCharacters = 4_000
const shownLines = 3
const patienceMs = 5_000

/** An encoder that is sending. */
export interface Encoder {
  /** Resolves when it has ended, with its last words, in which there is no stream key. */
  ended: Promise<string>
  /** Ends it as a seller does who presses stop. */
  stop(): Promise<void>
}

/**
 * Sends a small moving test picture and a tone, a key frame a second, for so many seconds at most: ffmpeg, as sellers'
 * encoders are no programs of ours either. The key is in its command line, which nobody but this Pod sees, and is over with it.
 */
export function startEncoder({ url, key, seconds }: { url: string; key: string; seconds: number }): Encoder {
  const child = spawnChild('ffmpeg', encoderArguments(`${url}/${key}`, seconds), { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-keptCharacters)
  })
  child.stdin?.on('error', () => undefined) // it ended before it was told to
  child.once('error', (error) => {
    said = String(error)
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    ended: closed.then(() => said.replaceAll(key, '***').trim().split('\n').slice(-shownLines).join('; ')),
    stop: async () => {
      child.stdin?.write('q')
      const kill = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await closed
      clearTimeout(kill)
    },
  }
}

function encoderArguments(target: string, seconds: number): string[] {
  return [
    ['-hide_banner', '-loglevel', 'warning', '-nostats', '-re'],
    ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15'],
    ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-threads', '1'],
    ['-g', '15', '-b:v', '200k', '-c:a', 'aac', '-b:a', '64k'],
    ['-t', String(seconds), '-f', 'flv', target],
  ].flat()
}
