import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import { RecordingPlayer, type RecordingState } from './recording-player.ts'
import type { Played } from './use-live-player.ts'

/** The playlist of a broadcast's recording, where its stream was. */
const recordingUrl = ({ id, hlsOrigin }: Played) =>
  `${hlsOrigin ?? ''}/hls/${encodeURIComponent(id)}/recording/index.m3u8`

/**
 * Puts a broadcast's recording into a video element while `enabled`; it begins at its beginning, when the viewer says so.
 *
 * @returns its state, and how to try again, from where it failed.
 */
export function useRecording(
  video: RefObject<HTMLVideoElement>,
  { broadcast, enabled }: { broadcast: Played; enabled: boolean },
): { state: RecordingState; retry: () => void } {
  const [state, setState] = useState<RecordingState>('loading')
  const [attempt, setAttempt] = useState(0)
  const position = useRef(0)
  const url = recordingUrl(broadcast)
  useEffect(() => {
    const element = video.current
    if (!enabled || !element) return undefined
    setState('loading')
    const player = new RecordingPlayer(element, url, setState)
    void player.start(position.current) // what fails in it becomes the state
    return () => {
      position.current = player.position
      player.stop()
    }
  }, [url, enabled, attempt])
  return { state, retry: () => setAttempt((before) => before + 1) }
}
