/** The RTMP(S) listener: accepts encoders, asks the owner who may publish, and hands over their media. */
import type { TlsOptions } from 'node:tls'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { MediaMessage } from './media-message.ts'
import type { RtmpLimits } from './limits.ts'

/** Who asks to publish what. `streamName` is the stream key: a secret, never to be logged. */
export interface PublishRequest {
  readonly sessionId: string
  readonly app: string
  readonly streamName: string
  readonly query: string // after the first "?" of the stream name, without it
  readonly remoteAddress: string
}

/** Why a session ended, in words fit for a log. */
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
  /** @returns false to stop reading from the encoder until `session.resume()`. */
  write(message: MediaMessage): boolean | void
  /** Called once, last, whoever ended the session. */
  close(end: SessionEnd): void
}

export type Authorization =
  | { readonly accept: true; readonly sink: MediaSink }
  | { readonly accept: false; readonly code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Unauthorized'; readonly description: string }

export interface RtmpServerOptions {
  readonly port: number // 0: any free port
  readonly host?: string
  readonly tls?: TlsOptions // present: RTMPS
  readonly limits: RtmpLimits
  readonly log: Logger
  /** Decides before the encoder hears NetStream.Publish.Start; a throw refuses with NetStream.Publish.Failed. */
  authorize(request: PublishRequest, session: PublishSession): Promise<Authorization>
}

export interface RtmpServer {
  readonly port: number
  /** Accepted publishers now. */
  readonly publishers: number
  /** Stops accepting connections; the sessions that are there go on. */
  stopListening(): Promise<void>
  /** Ends every session with `end` and closes the listener. */
  close(end: SessionEnd): Promise<void>
}

export async function startRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  throw new Error(`not yet listening on ${options.port}`)
}
