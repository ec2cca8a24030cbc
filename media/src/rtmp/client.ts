/** An RTMP publisher: connects to a server and pushes messages to it, with backpressure. */
import { EventEmitter } from 'node:events'
import type { MediaMessage } from './media-message.ts'

export interface RtmpPublisherOptions {
  readonly host: string
  readonly port: number
  readonly app: string
  readonly streamName: string // secret
  readonly signal: AbortSignal // aborts the connecting, and closes the publisher afterwards
  readonly deadlineMs: number // for connection and NetStream.Publish.Start together
}

/** Events: 'drain' after `write` returned false, and 'close' once, with the error if there was one. */
export interface RtmpPublisher extends EventEmitter<{ drain: []; close: [Error?] }> {
  /** Queues one message. @returns false when the peer is slow: wait for 'drain'. After 'close' it is ignored. */
  write(message: MediaMessage): boolean
  /** Ends the stream in order: deleteStream, then FIN. */
  close(): void
}

/** @throws {RtmpRefusedError} the server refused; any socket error as it is; AbortError, TimeoutError. */
export async function connectRtmpPublisher(options: RtmpPublisherOptions): Promise<RtmpPublisher> {
  throw new Error(`cannot reach ${options.host} yet`)
}
