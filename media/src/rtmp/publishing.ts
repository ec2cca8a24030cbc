/** What an RTMP session and its owner say to each other: who asks to publish, what is answered, where the media goes. */
import type { MediaMessage } from './media-message.ts'

/** Who asks to publish what. `streamName` is the stream key: a secret, never to be logged. */
export interface PublishRequest {
  readonly sessionId: string
  readonly app: string
  readonly streamName: string
  readonly query: string // after the first "?" of the stream name, without it
  readonly remoteAddress: string
}

/** Why a session ended. What the encoder is told has a status code of RTMP; other codes are our own. ASCII. */
export interface SessionEnd {
  readonly code: string
  readonly description: string
}

/** The session as its owner sees it, from the authorisation until `sink.close`. */
export interface PublishSession {
  readonly id: string
  /** Aborted when the session is over for whatever reason. */
  readonly signal: AbortSignal
  /** Sends the encoder an error status that OBS shows, then closes. Safe to call twice. */
  end(status: SessionEnd): void
  /** Reads from the encoder again after `sink.write` returned false. */
  resume(): void
}

/** Takes the media of one accepted publisher. */
export interface MediaSink {
  /** @returns false to stop reading from the encoder until `session.resume()`; a few messages may still come. */
  write(message: MediaMessage): boolean | void
  /** Called once, last, whoever ended the session. */
  close(end: SessionEnd): void
}

export type Authorization =
  | { readonly accept: true; readonly sink: MediaSink }
  | {
      readonly accept: false
      readonly code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Unauthorized' | 'NetStream.Publish.Failed'
      readonly description: string // ASCII; shown by the encoder
    }
