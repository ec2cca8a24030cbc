/** The RTMP side of a stream Pod as a process of its own, so that it can be frozen, and kept busy, like a real one. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readFlvTag } from '../../rtmp/flv-tag.ts'
import { defaultRtmpLimits } from '../../rtmp/limits.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { startRtmpServer } from '../../rtmp/server.ts'
import { silent } from '../../rtmp/testing/listening.ts'

/** `timestamps`: of every picture that the process read, in order. */
export interface PodProcess {
  readonly port: number
  readonly child: ChildProcess
  readonly timestamps: number[]
}

/** Starts one; it is gone when the test is. */
export async function startPodProcess(t: TestContext): Promise<PodProcess> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'])
  t.after(() => child.kill('SIGKILL'))
  const [port] = (await once(child, 'message')) as [number]
  const timestamps: number[] = []
  child.on('message', (timestampMs) => timestamps.push(Number(timestampMs)))
  return { port, child, timestamps }
}

/** Keeps the process's one thread busy for so long. */
export function keepBusy({ child }: PodProcess, milliseconds: number): void {
  child.send(milliseconds)
}

async function serve(): Promise<void> {
  const sink = {
    write: (message: MediaMessage) => {
      if (/key|frame/.test(readFlvTag(message).role)) process.send?.(message.timestampMs)
    },
    close: () => {},
  }
  const server = await startRtmpServer({
    port: 0,
    host: '127.0.0.1',
    limits: defaultRtmpLimits,
    log: silent,
    authorize: () => Promise.resolve({ accept: true, sink }),
  })
  process.on('message', (milliseconds) => {
    const until = performance.now() + Number(milliseconds)
    while (performance.now() < until);
  })
  process.send?.(server.port)
}

if (process.argv[2] === 'serve') await serve()
