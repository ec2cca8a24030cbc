import type Hls from 'hls.js'

/** How this browser plays HLS: by hls.js, which comes with its own request, or by itself; undefined: not at all. */
export async function loadHls(video: HTMLVideoElement): Promise<typeof Hls | 'native' | undefined> {
  const { default: HlsPlayer } = await import('hls.js')
  if (HlsPlayer.isSupported()) return HlsPlayer
  return video.canPlayType('application/vnd.apple.mpegurl') === '' ? undefined : 'native'
}
