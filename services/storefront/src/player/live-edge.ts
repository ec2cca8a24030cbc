/** What the player knows at one moment, in seconds; programmeTimeMs is EXT-X-PROGRAM-DATE-TIME of the picture shown. */
export interface PlayerSample {
  programmeTimeMs: number | undefined
  /** hls.js's own estimate: distance to the end of the playlist plus its age. */
  estimatedLatencySeconds: number
  targetLatencySeconds: number | undefined
  nowMs: number // the server's clock
}

const implausibleSeconds = 3_600 // an encoder or server clock that is off by more is no measure of latency

/**
 * Seconds between a picture's arrival at the server and its showing here: by programme date where the playlist has one
 * (it counts what is still on its way, too), else hls.js's estimate; undefined before the first picture.
 */
export function latencyOf(sample: PlayerSample): number | undefined {
  if (sample.programmeTimeMs !== undefined) {
    const seconds = (sample.nowMs - sample.programmeTimeMs) / 1_000
    if (seconds >= 0 && seconds < implausibleSeconds) return seconds
  }
  return sample.estimatedLatencySeconds > 0 ? sample.estimatedLatencySeconds : undefined
}

/**
 * The programme date of the picture on screen where the browser plays HLS by itself; only Safari tells when a stream began.
 *
 * @see https://html.spec.whatwg.org/#dom-media-getstartdate
 */
export function nativeProgrammeTimeMs(video: { currentTime: number; getStartDate?: () => Date }): number | undefined {
  const startedAtMs = video.getStartDate?.().getTime()
  return startedAtMs === undefined || Number.isNaN(startedAtMs) ? undefined : startedAtMs + video.currentTime * 1_000
}

/**
 * Whether the viewer fell so far behind (paused, slept, looked back) that the way back should be offered.
 *
 * @param behindSeconds distance to the end of the playlist: a long way to the server is no reason to jump.
 */
export function isBehindLive(behindSeconds: number | undefined, targetSeconds: number | undefined): boolean {
  return behindSeconds !== undefined && behindSeconds > (targetSeconds ?? 2) + 3
}
