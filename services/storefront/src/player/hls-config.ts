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
  startFragPrefetch: true, // the first fragment is asked for before the media source has opened
  abrEwmaFastLive: 2, // parts are small samples: short and long averages below the defaults swing, above them lag
  abrEwmaSlowLive: 6,
  abrBandWidthFactor: 0.85,
  abrBandWidthUpFactor: 0.65,
} satisfies Partial<HlsConfig>)

/** How long to wait before asking again for a playlist that is not there (yet), in milliseconds. */
export function reloadPauseMs(attempt: number, expectedNow: boolean, random: number): number {
  const shortest = expectedNow ? 700 : 4_000 // before the encoder connects, waiting viewers must not become load
  return Math.min(shortest * 1.5 ** Math.min(attempt, 5), 6_000) * (0.8 + 0.4 * random)
}
