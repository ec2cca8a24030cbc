import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Broadcast } from '../api/model.ts'
import { LivePlayer } from './live-player.ts'
import { wantsSound } from './sound.ts'

/** What of a broadcast says where it is played from. */
export type Played = Pick<Broadcast, 'id' | 'hlsOrigin'>

/** The playlist of a broadcast: where streams have an address of their own there, else on this origin, whatever name the platform calls itself by. */
const playlistUrl = ({ id, hlsOrigin }: Played) => `${hlsOrigin ?? ''}/hls/${encodeURIComponent(id)}/index.m3u8`

/**
 * Plays a broadcast in a video element while the component is shown.
 *
 * @param live whether the stream is said to be on air now: it is then asked for without delay.
 * @param over whether the broadcast is said to be over: what plays is then played to its end.
 */
export function useLivePlayer(
  video: RefObject<HTMLVideoElement>,
  { broadcast, enabled, live, over }: { broadcast: Played; enabled: boolean; live: boolean; over: boolean },
): LivePlayer | undefined {
  const [player, setPlayer] = useState<LivePlayer>()
  const url = playlistUrl(broadcast)
  useEffect(() => {
    if (!enabled || !video.current) return undefined
    if (wantsSound()) video.current.muted = false // where that is not allowed, the player mutes it again
    const made = new LivePlayer({ video: video.current, url })
    made.expect(live) // at once: by the next effect a busy device may be a second older
    void made.start() // what fails in it becomes the player's state
    setPlayer(made)
    return () => {
      made.stop()
      setPlayer(undefined)
    }
  }, [url, enabled])
  useEffect(() => player?.expect(live), [live]) // a new one is told where it is made
  useEffect(() => {
    if (over) player?.end()
  }, [player, over])
  return player
}
