/** Drives whole sessions, socket aside, with mutated messages; what a session throws or forwards unasked is a finding. */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { defaultRtmpLimits } from '../limits.ts'
import type { MediaMessage } from '../media-message.ts'
import { RtmpSession } from '../session.ts'
import { silent } from './listening.ts'
import { goodEncoder, mutatedMessage, seededRandom } from './mutated-messages.ts'

const handshake = Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)])
const slowMs = 500 // of CPU: one message takes microseconds; this long means the parser ran in circles

export interface FuzzResult {
  readonly messages: number
  readonly sessions: number
  readonly published: number // sessions that came as far as Publish.Start
  readonly ends: Readonly<Record<string, number>>
  readonly slowestMs: number
}

/** Sends `count` messages through as many sessions as it takes. @throws what a session let out. */
export async function fuzzSessions(options: {
  seed: number
  count: number
  onProgress?: (messages: number) => void
}): Promise<FuzzResult> {
  const random = seededRandom(options.seed)
  const ends: Record<string, number> = {}
  let [messages, sessions, published, slowestMs] = [0, 0, 0, 0]
  while (messages < options.count) {
    sessions += 1
    const socket = new SilentSocket()
    const seen = { accepted: false, closed: false }
    const sink = {
      write: ({ body }: MediaMessage) => {
        if (!seen.accepted || body.length > defaultRtmpLimits.maxMessageBytes)
          throw new Error('media from one who was not accepted')
      },
      close: () => {},
    }
    const session = new RtmpSession({
      id: 'fuzz',
      socket: socket as unknown as Socket, // a session uses nothing that a Duplex lacks
      remoteAddress: '192.0.2.1',
      limits: defaultRtmpLimits,
      log: silent,
      now: () => 0,
      authorize: ({ streamName }) => {
        seen.accepted = streamName === 'good'
        published += seen.accepted ? 1 : 0
        if (seen.accepted) return Promise.resolve({ accept: true, sink })
        return Promise.resolve({ accept: false, code: 'NetStream.Publish.Unauthorized', description: 'no' })
      },
      onClosed: (_session, { code }) => {
        seen.closed = true
        ends[code] = (ends[code] ?? 0) + 1
      },
    })
    const intro = random(4) // how far a good encoder gets before the mutations
    feed(socket, handshake)
    if (intro > 0) feed(socket, goodEncoder.connect)
    if (intro > 1) feed(socket, goodEncoder.createStream)
    if (intro > 2) {
      feed(socket, goodEncoder.publish)
      await new Promise(setImmediate) // the key check is asynchronous
    }
    const limit = 1 + random(60)
    for (let sent = 0; sent < limit && !seen.closed; sent++) {
      const message = mutatedMessage(random)
      const before = process.threadCpuUsage()
      feed(socket, message)
      const { user, system } = process.threadCpuUsage(before)
      slowestMs = Math.max(slowestMs, (user + system) / 1_000)
      if (slowestMs > slowMs)
        throw new Error(`message ${messages} of seed ${options.seed} took ${slowestMs} ms: ${message.toString('hex')}`)
      messages += 1
    }
    session.end({ code: 'done', description: 'enough' })
    socket.destroy()
    if (sessions % 64 === 0) {
      await new Promise(setImmediate)
      options.onProgress?.(messages)
    }
  }
  return { messages, sessions, published, ends, slowestMs }
}

/** Takes what it is told and says nothing by itself. */
class SilentSocket extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done()
  }
}

// Past the stream's own buffering: the session hears the bytes now, as one TCP segment.
const feed = (socket: Duplex, bytes: Buffer) => void socket.emit('data', bytes)
