import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Broadcast } from '../api/model.ts'
import { serverNow } from '../api/server-clock.ts'
import { RecordingPlayer, type RecordingState } from './recording-player.ts'
import type { Played } from './use-live-player.ts'

/** The playlist of a broadcast's recording, where its stream was. */
const recordingUrl = ({ id, hlsOrigin }: Played) =>
  `${hlsOrigin ?? ''}/hls/${encodeURIComponent(id)}/recording/index.m3u8`

const freshMs = 60_000
const timeEveryMs = 500

/**
 * Puts a broadcast's recording into a video element while `enabled`; it begins at its beginning, when the viewer says so.
 *
 * @returns its state, when what is on screen happened (Unix milliseconds), and how to try again, from where it failed.
 */
export function useRecording(
  video: RefObject<HTMLVideoElement>,
  { broadcast, enabled }: { broadcast: Played & Pick<Broadcast, 'endedAt'>; enabled: boolean },
): { state: RecordingState; atMs: number | undefined; retry: () => void } {
  const [state, setState] = useState<RecordingState>('loading')
  const [attempt, setAttempt] = useState(0)
  const position = useRef(0)
  const url = recordingUrl(broadcast)
  const [atMs, setAtMs] = useState<number>()
  useEffect(() => {
    const element = video.current
    if (!enabled || !element) return undefined
    setState('loading')
    const endedAt = Date.parse(broadcast.endedAt ?? '') // NaN: not told yet, so it was just now
    const fresh = !(serverNow() - endedAt > freshMs)
    const player = new RecordingPlayer(element, { url, fresh, tell: setState })
    const timer = setInterval(() => setAtMs(player.atMs), timeEveryMs)
    void player.start(position.current) // what fails in it becomes the state
    return () => {
      clearInterval(timer)
      position.current = player.position
      player.stop()
    }
  }, [url, enabled, attempt])
  return { state, atMs, retry: () => setAttempt((before) => before + 1) }
}
