/**
 * What the viewer chose: to play, or to pause. Only who presses a button chose: one of the page's, or one of the system's
 * for media (a headset, the lock screen, picture-in-picture), which come as Media Session actions. Whatever else pauses
 * a video (a call, a tab in the background, a closed picture-in-picture, a fault) happens to the viewer, and is to end.
 *
 * @see https://w3c.github.io/mediasession/#actions-model
 */
export class ViewerPause {
  readonly #video: HTMLVideoElement
  readonly #actions: Readonly<Record<'play' | 'pause', () => void>>
  #chosen = false

  /** @param actions what the system's own buttons do. */
  constructor(video: HTMLVideoElement, actions: { play: () => void; pause: () => void }) {
    this.#video = video
    this.#actions = actions
  }

  get chosen(): boolean {
    return this.#chosen
  }

  start(): void {
    this.#video.addEventListener('play', this.#onPlay)
    for (const action of ['play', 'pause'] as const) setActionHandler(action, this.#actions[action])
  }

  stop(): void {
    this.#video.removeEventListener('play', this.#onPlay)
    for (const action of ['play', 'pause'] as const) setActionHandler(action, null)
  }

  choose(paused: boolean): void {
    this.#chosen = paused
    this.#video.autoplay = !paused // which would play whatever is loaded after a fault
  }

  readonly #onPlay = () => this.choose(false)
}

function setActionHandler(action: 'play' | 'pause', handler: (() => void) | null): void {
  if ('mediaSession' in navigator) navigator.mediaSession.setActionHandler(action, handler)
}
