/** The pictures since the last key frame: what a decoder that begins now must be given first. */
import type { VideoSample } from './fragment.ts'

/** A minute at 30 fps, or ten seconds at 12 Mb/s: a key frame further back is not worth what it costs every viewer. */
const longest = { pictures: 1800, bytes: 16 * 1024 * 1024 }

export class Gop {
  #pictures: VideoSample[] = []
  #bytes = 0
  #isWhole = false

  /** The next picture, in decode order. */
  add(sample: VideoSample): void {
    if (sample.keyFrame) this.clear()
    if (sample.keyFrame) this.#isWhole = true
    if (!this.#isWhole) return
    this.#pictures.push(sample)
    this.#bytes += sample.data.length
    if (this.#pictures.length > longest.pictures || this.#bytes > longest.bytes) this.clear()
  }

  clear(): void {
    this.#pictures = []
    this.#bytes = 0
    this.#isWhole = false
  }

  get bytes(): number {
    return this.#bytes
  }

  /** All of them, the key frame first; empty where it lies too far back. */
  get pictures(): readonly VideoSample[] {
    return this.#pictures
  }
}

/**
 * The pictures so close together at `startTicks` that nobody sees any but the last: one tick each, in the order they are
 * shown, from `shownTicks` on.
 */
export function preroll(pictures: readonly VideoSample[], startTicks: number, shownTicks = startTicks): VideoSample[] {
  const shown = pictures.toSorted((a, b) => a.pts - b.pts)
  const places = new Map(shown.map((picture, index) => [picture, shownTicks + index]))
  return pictures.map((picture, index) => ({
    ...picture,
    dts: startTicks + index,
    pts: places.get(picture) ?? shownTicks,
    duration: 1,
  }))
}
