/** What one RTMP session may cost before it is ended. */
export interface RtmpLimits {
  readonly maxMessageBytes: number // of an accepted publisher; commands before that: maxCommandBytes
  readonly maxCommandBytes: number
  readonly maxDataBytes: number // metadata, and a codec's sequence header
  readonly maxHeldBytes: number // what an encoder sends after `publish` without waiting for the answer
  readonly maxChunkStreams: number
  readonly maxAmfDepth: number
  readonly proxyHeaderMs: number // from the TCP connection to the whole header of a trusted proxy
  readonly timeToPublishMs: number // from the TCP connection, or a proxy's header, to the accepted publish
  readonly idleMs: number // without a byte from the encoder
  readonly maxMessagesPerSecond: number // sustained; five seconds' worth may come at once
  readonly maxSessions: number // connections, publishing or not
  readonly maxSessionsPerAddress: number // of an IPv4 address or an IPv6 /64
}

/** Defaults: an 8 MiB key frame is 4K intra at 100 Mbit/s and more. */
export const defaultRtmpLimits: RtmpLimits = Object.freeze({
  maxMessageBytes: 8 * 1024 * 1024,
  maxCommandBytes: 16 * 1024,
  maxDataBytes: 64 * 1024,
  maxHeldBytes: 256 * 1024, // a few reads: the socket is not read meanwhile, and the kernel holds the rest
  maxChunkStreams: 32,
  maxAmfDepth: 8,
  proxyHeaderMs: 5_000,
  timeToPublishMs: 10_000,
  idleMs: 15_000,
  maxMessagesPerSecond: Number.POSITIVE_INFINITY, // a relay replays minutes at once; the ingest bounds its encoders
  maxSessions: 1_000,
  maxSessionsPerAddress: 1_000,
})
