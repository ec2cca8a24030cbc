/**
 * ffmpeg as the encoder: it publishes a stamped clip over RTMP in real time. The clip is given to it as FLV on standard input,
 * picture by picture, each with its serial; a restarted ffmpeg begins with a key frame, and serials go on.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { MediaMessage } from '../../src/rtmp/media-message.ts'
import { withSerial, type StampedClip } from './stamped-clip.ts'
import { wallClock } from './stamped-encoder.ts'

const flvHeader = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])
const tagTypes = { audio: 8, video: 9, metadata: 18 } as const
const reconnectMs = 500
const command =
  '-hide_banner -loglevel error -probesize 4096 -analyzeduration 0 -f flv -i pipe:0 ' +
  '-c copy -flush_packets 1 -flvflags no_duration_filesize -f flv'

export class FfmpegEncoder {
  /** Wall clock in ms at which picture `serial` was given to ffmpeg. */
  readonly sentAt: number[] = []
  /** Times that ffmpeg ended by itself. */
  exits = 0
  readonly #clip: StampedClip
  readonly #url: string
  #child: ChildProcess | undefined
  #feeding = new AbortController()
  #wanted = false

  constructor(clip: StampedClip, url: string) {
    this.#clip = clip
    this.#url = url
  }

  /** The newest picture's serial. */
  get newest(): number {
    return this.sentAt.length - 1
  }

  start(): void {
    this.#wanted = true
    const child = spawn('ffmpeg', [...command.split(' '), this.#url], { stdio: ['pipe', 'ignore', 'ignore'] })
    const feeding = new AbortController()
    this.#child = child
    this.#feeding = feeding
    child.stdin.on('error', () => undefined) // its exit follows
    child.once('exit', () => {
      feeding.abort()
      if (!this.#wanted || child !== this.#child) return
      this.exits += 1
      void wait(reconnectMs).then(() => {
        if (this.#wanted && child === this.#child) this.start()
      })
    })
    void this.#feed(child, feeding.signal) // ends with the child
  }

  /** Ends it at once, as a laptop whose lid is closed. */
  async stop(): Promise<void> {
    this.#wanted = false
    this.#feeding.abort()
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async #feed({ stdin }: ChildProcess, signal: AbortSignal): Promise<void> {
    if (stdin === null) return
    const start = wallClock()
    const loopMs = this.#clip.seconds * 1000
    stdin.write(flvHeader)
    for (const header of this.#clip.headers) stdin.write(flvTag(header))
    for (let loop = 0; !signal.aborted; loop += 1) {
      for (const { message, picture } of this.#clip.messages) {
        const timed = { ...message, timestampMs: message.timestampMs + loop * loopMs }
        const dueMs = start + timed.timestampMs - wallClock()
        if (dueMs > 1) await wait(dueMs, undefined, { signal }).catch(() => undefined)
        if (signal.aborted) return
        if (picture === undefined) {
          stdin.write(flvTag(timed))
          continue
        }
        const serial = this.sentAt.length
        this.sentAt.push(wallClock())
        stdin.write(flvTag(withSerial(timed, serial)))
      }
    }
  }
}

function flvTag({ type, timestampMs, body }: MediaMessage): Buffer {
  const head = Buffer.alloc(11)
  head[0] = tagTypes[type]
  head.writeUIntBE(body.length, 1, 3)
  head.writeUIntBE(timestampMs & 0xff_ff_ff, 4, 3)
  head[7] = (timestampMs >>> 24) & 0xff
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(head.length + body.length)
  return Buffer.concat([head, body, tail])
}
