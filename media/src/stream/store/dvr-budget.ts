/**
 * Keeps what a Pod's renditions store within its disk: past the budget the oldest segments go before their time, those
 * first that no playlist lists any more. A disk that overflows costs the Pod, and with it the stream.
 */
import type { RenditionOutput } from '../output.ts'

export class DvrBudget {
  readonly #maxBytes: number
  readonly #outputs: RenditionOutput[] = []

  /** @param maxBytes of all renditions together. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Counts a rendition from now on. */
  follow(output: RenditionOutput): void {
    this.#outputs.push(output)
    output.on('segment', () => this.#fit())
  }

  /** The lowest media sequence number goes first, whoever keeps it: windows stay equally long. */
  #fit(): void {
    while (this.#outputs.reduce((sum, { storedBytes }) => sum + storedBytes, 0) > this.#maxBytes) {
      const oldestFirst = this.#outputs.toSorted((a, b) => (a.firstStored ?? Infinity) - (b.firstStored ?? Infinity))
      if (!oldestFirst.some((output) => output.giveUpFirst())) return // all are as short as they may be
    }
  }
}
