import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type Hls from 'hls.js'
import { loadHls } from './load-hls.ts'

/** `missing`: nothing was recorded, or it is not kept any more. */
export type RecordingState = 'loading' | 'ready' | 'missing' | 'unsupported'

const askAgainMs = 5_000
const mostAttempts = 6 // a recording is whole some seconds after the end of its broadcast

/** The playlist of a broadcast's recording, on this origin. */
const recordingUrl = (broadcastId: string) => `/hls/${encodeURIComponent(broadcastId)}/recording/index.m3u8`

/** Puts a broadcast's recording into a video element while `enabled`; it begins at its beginning, when the viewer says so. */
export function useRecording(
  video: RefObject<HTMLVideoElement>,
  { broadcastId, enabled }: { broadcastId: string; enabled: boolean },
): RecordingState {
  const [state, setState] = useState<RecordingState>('loading')
  useEffect(() => {
    const element = video.current
    if (!enabled || !element) return undefined
    const player = new RecordingPlayer(element, recordingUrl(broadcastId), setState)
    void player.start() // what fails in it becomes the state
    return () => player.stop()
  }, [broadcastId, enabled])
  return state
}

class RecordingPlayer {
  readonly #video: HTMLVideoElement
  readonly #url: string
  readonly #tell: (state: RecordingState) => void
  #hls: Hls | undefined
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(video: HTMLVideoElement, url: string, tell: (state: RecordingState) => void) {
    this.#video = video
    this.#url = url
    this.#tell = tell
  }

  async start(): Promise<void> {
    this.#video.addEventListener('loadedmetadata', this.#onLoaded)
    const player = await loadHls(this.#video)
    if (this.#stopped) return
    if (player === undefined) this.#tell('unsupported')
    else if (player === 'native') this.#video.src = this.#url
    else this.#load(player)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#video.removeEventListener('loadedmetadata', this.#onLoaded)
    this.#hls?.destroy()
    this.#video.removeAttribute('src')
  }

  #load(HlsPlayer: typeof Hls): void {
    const { Events, ErrorTypes } = HlsPlayer
    const hls = new HlsPlayer({ startPosition: 0, backBufferLength: 60 })
    this.#hls = hls
    hls.on(Events.FRAG_BUFFERED, () => (this.#failures = 0))
    hls.on(Events.ERROR, (_event, { fatal, type }) => {
      if (!fatal || this.#hls !== hls) return
      this.#failures += 1
      if (type === ErrorTypes.MEDIA_ERROR && this.#failures <= 2) hls.recoverMediaError()
      else if (this.#video.readyState > 0) this.#later(() => hls.startLoad())
      else if (this.#failures >= mostAttempts) this.#tell('missing')
      else
        this.#later(() => {
          hls.destroy()
          this.#load(HlsPlayer)
        })
    })
    hls.attachMedia(this.#video)
    hls.loadSource(this.#url)
  }

  #later(work: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(work, askAgainMs)
  }

  readonly #onLoaded = () => this.#tell('ready')
}
