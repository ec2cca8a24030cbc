/**
 * A stream as the platform makes it, for the pages' own tests: ingest, stream Pod and edge as processes of their own, an
 * encoder that does what people's encoders do, and the edge behind the site's origin.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startChain } from '../../../../media/bench/harness/chain.ts'
import { connectRtmpPublisher, type RtmpPublisher } from '../../../../media/src/rtmp/client.ts'
import type { MediaMessage } from '../../../../media/src/rtmp/media-message.ts'
import { aac, makeClip, pattern, tone, x264 } from '../../../../media/src/stream/testing/clip.ts'

const seconds = 60
const connectMs = 60_000

/** The running processes, and their encoder. */
export interface RealStream {
  /** Where the edge serves the broadcast: `/index.m3u8` and so on below it. */
  readonly edgeUrl: string
  /** Connects an encoder and sends in real time until `stop`; it begins with headers and a key frame. */
  publish(kind: 'both' | 'picture only'): Promise<Encoder>
  close(): Promise<void>
}

/** One connection of an encoder. */
export interface Encoder {
  /** False: pictures are left out, as by a phone whose app is in the background; the sound goes on. */
  sendsPictures: boolean
  stop(): Promise<void>
}

/** Starts the processes; clips are made once for all encoders. */
export async function startRealStream(): Promise<RealStream> {
  const sound = await makeClip(`${pattern} ${tone} ${x264} -g 60 ${aac} -t ${seconds}`)
  const picture = await makeClip(`${pattern} ${x264} -g 60 -t ${seconds}`)
  const chain = await startChain({ latency: 'Low', ladder: [] })
  const encoders = new Set<Encoder>()
  return {
    edgeUrl: chain.edgeUrl,
    publish: async (kind) => {
      const encoder = await connectEncoder(kind === 'both' ? sound : picture, { port: chain.rtmpPort, key: chain.key })
      encoders.add(encoder)
      return encoder
    },
    close: async () => {
      await Promise.all([...encoders].map((encoder) => encoder.stop()))
      await chain.close()
    },
  }
}

async function connectEncoder(
  clip: readonly MediaMessage[],
  { port, key }: { port: number; key: string },
): Promise<Encoder> {
  const abort = new AbortController()
  const publisher = await connectRtmpPublisher({
    host: '127.0.0.1',
    port,
    app: 'live',
    streamName: key,
    signal: abort.signal,
    deadlineMs: connectMs,
  })
  const encoder: Encoder = {
    sendsPictures: true,
    stop: async () => {
      abort.abort()
      await sending
    },
  }
  const sending = send(publisher, clip, encoder, abort.signal)
  return encoder
}

async function send(
  publisher: RtmpPublisher,
  clip: readonly MediaMessage[],
  encoder: Encoder,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now()
  for (const message of clip) {
    const dueMs = startedAt + message.timestampMs - performance.now()
    if (dueMs > 1) await wait(dueMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    if (message.type !== 'video' || encoder.sendsPictures) publisher.write(message)
  }
}
