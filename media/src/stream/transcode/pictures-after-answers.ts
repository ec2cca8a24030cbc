import type { VideoSample } from '../remux/fragment.ts'

/** Viewers of the source first: encoders get a picture when the answers to requests held for it are on their way. */
export class PicturesAfterAnswers {
  readonly #encode: (sample: VideoSample) => void
  readonly #waiting: VideoSample[] = []

  constructor(encode: (sample: VideoSample) => void) {
    this.#encode = encode
  }

  /** Gives a picture to the encoders in the next turn of the event loop. */
  add(sample: VideoSample): void {
    this.#waiting.push(sample)
    if (this.#waiting.length === 1) setImmediate(() => this.flush())
  }

  /** Gives them all that wait now, in order. */
  flush(): void {
    for (const sample of this.#waiting.splice(0)) this.#encode(sample)
  }
}
