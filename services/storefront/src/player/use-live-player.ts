import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import { LivePlayer } from './live-player.ts'

/** The playlist of a broadcast, on this origin whatever name the platform calls itself by. */
export const playlistUrl = (broadcastId: string) => `/hls/${encodeURIComponent(broadcastId)}/index.m3u8`

/**
 * Plays a broadcast in a video element while the component is shown.
 *
 * @param live whether the stream is said to be on air now: it is then asked for without delay.
 * @param over whether the broadcast is said to be over: what plays is then played to its end.
 */
export function useLivePlayer(
  video: RefObject<HTMLVideoElement>,
  { broadcastId, enabled, live, over }: { broadcastId: string; enabled: boolean; live: boolean; over: boolean },
): LivePlayer | undefined {
  const [player, setPlayer] = useState<LivePlayer>()
  useEffect(() => {
    if (!enabled || !video.current) return undefined
    const made = new LivePlayer({ video: video.current, url: playlistUrl(broadcastId) })
    void made.start() // what fails in it becomes the player's state
    setPlayer(made)
    return () => {
      made.stop()
      setPlayer(undefined)
    }
  }, [broadcastId, enabled])
  useEffect(() => player?.expect(live), [player, live])
  useEffect(() => {
    if (over) player?.end()
  }, [player, over])
  return player
}
