import type { HlsConfig } from 'hls.js'

/**
 * hls.js for low-latency live. `liveSyncDuration(Count)` is left unset on purpose: either would override the playlist's
 * PART-HOLD-BACK, which is the distance from live that the server vouches for (RFC 8216bis section 4.4.3.8).
 */
export const liveHlsConfig = Object.freeze({
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1, // chase-live.ts catches up instead, and says why
  liveSyncOnStallIncrease: 0.25, // seconds more distance after a stall; the default of 1 gives half the latency away
  backBufferLength: 60, // the default keeps everything: an hour of live would fill the memory of a phone
  maxBufferLength: 10, // there is never more ahead than the live edge; matters when watching behind live
  // A first playlist that fails is asked for again by reload-pause.ts: hls.js would do so after one second, all at once.
  manifestLoadPolicy: {
    default: { maxTimeToFirstByteMs: Infinity, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null },
  },
  startFragPrefetch: true, // the first fragment is asked for before the media source has opened
  abrEwmaFastLive: 2, // parts are small samples: short and long averages below the defaults swing, above them lag
  abrEwmaSlowLive: 6,
  abrBandWidthFactor: 0.85,
  abrBandWidthUpFactor: 0.65,
} satisfies Partial<HlsConfig>)
