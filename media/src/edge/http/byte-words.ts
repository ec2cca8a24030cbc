/**
 * Texts as eight bytes each, to be compared with bytes that come: first the length in bytes, then the words, the last of
 * which ends where the text does. Numbers, because an array of them is the least number of pieces of memory: none of a
 * connection's is in a cache by the time its next head comes, and each costs as much as ten comparisons. Bytes that are no
 * number (0x7ff…, 0xfff…) equal nothing.
 */
export type ByteWords = readonly number[]

const wordBytes = 8
export const leastLength = wordBytes

/** @param text at least `leastLength` characters, up to U+00FF. */
export function byteWords(text: string): ByteWords {
  const bytes = Buffer.from(text, 'latin1')
  const wordAt = (index: number) => bytes.readDoubleLE(Math.min(index * wordBytes, bytes.length - wordBytes))
  const words = Array.from({ length: Math.ceil(bytes.length / wordBytes) }, (_, index) => wordAt(index))
  return [bytes.length, ...words]
}

/** Whether the text ends at `end` of `bytes`. */
export function endsAt(words: ByteWords, end: number, bytes: DataView): boolean {
  const start = end - (words[0] ?? 0)
  if (start < 0) return false
  const last = words.length - 1
  for (let index = 1; index < last; index += 1)
    if (bytes.getFloat64(start + (index - 1) * wordBytes, true) !== words[index]) return false
  return bytes.getFloat64(end - wordBytes, true) === words[last]
}
