/**
 * Reads the same few targets again and again: bytes that were read before cost no new string, and its hash is known
 * already. Of two targets that fall on one place the later stays.
 */
import { type ByteWords, byteWords, endsAt, leastLength } from './byte-words.ts'

const placeBits = 10
const mostLength = 256
const getStart = Buffer.from('GET /')

interface Known {
  readonly words: ByteWords
  readonly target: string
}

export class KnownTargets {
  readonly #known: (Known | undefined)[] = Array.from({ length: 1 << placeBits })

  /**
   * The target of a "GET /x" that ends at `end`, not yet checked but for spaces. `view`: of the same bytes.
   *
   * @returns undefined for any other line.
   */
  read(bytes: Buffer, view: DataView, end: number): string | undefined {
    if (end < getStart.length) return undefined
    for (let index = 0; index < getStart.length; index += 1) if (bytes[index] !== getStart[index]) return undefined
    const start = getStart.length - 1
    const length = end - start
    if (length < leastLength || length > mostLength) return textOf(bytes, start, end)
    const mixed = view.getInt32(end - 4, true) ^ view.getInt32(end - 8, true) ^ length
    const place = Math.imul(mixed, 0x9e3779b1) >>> (32 - placeBits) // Knuth, The Art of Computer Programming 3, 6.4
    const known = this.#known[place]
    if (known !== undefined && known.words[0] === length && endsAt(known.words, end, view)) return known.target
    const target = textOf(bytes, start, end)
    if (target !== undefined) this.#known[place] = { words: byteWords(target), target }
    return target
  }
}

function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('latin1', start, end)
  return text.includes(' ') ? undefined : text
}
