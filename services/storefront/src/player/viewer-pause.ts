/** Whether the viewer paused a video; its end and a change of its source pause it too, and are not meant. */
export class ViewerPause {
  readonly #video: HTMLVideoElement
  #chosen = false

  constructor(video: HTMLVideoElement) {
    this.#video = video
  }

  get chosen(): boolean {
    return this.#chosen
  }

  start(): void {
    this.#video.addEventListener('play', this.#onPlay)
    this.#video.addEventListener('pause', this.#onPause)
  }

  stop(): void {
    this.#video.removeEventListener('play', this.#onPlay)
    this.#video.removeEventListener('pause', this.#onPause)
  }

  readonly #onPlay = () => this.#keep(false)

  readonly #onPause = () => {
    if (!this.#video.ended && this.#video.readyState > 0) this.#keep(true) // without data, the source is being changed
  }

  #keep(paused: boolean): void {
    this.#chosen = paused
    this.#video.autoplay = !paused // which would play whatever is loaded after a fault
  }
}
