/**
 * Reads bits and Exp-Golomb codes out of a NAL unit or an AudioSpecificConfig, most significant bit first.
 * Reading past the end yields zeros and sets `exhausted`, so a truncated parameter set is detected by its reader
 * instead of throwing in the middle of a stream.
 */
export class BitReader {
  exhausted = false
  readonly #bytes: Uint8Array
  #position = 0 // bits

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Reads `count` bits (0 to 32) as an unsigned number. */
  bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index += 1) {
      const byte = this.#bytes[this.#position >> 3]
      if (byte === undefined) this.exhausted = true
      const bit = ((byte ?? 0) >> (7 - (this.#position & 7))) & 1
      value = value * 2 + bit
      this.#position += 1
    }
    return value
  }

  /** Reads one bit as a flag. */
  flag(): boolean {
    return this.bits(1) === 1
  }

  /** Skips `count` bits. */
  skip(count: number): void {
    this.#position += count
  }

  /** ue(v): unsigned Exp-Golomb code (ITU-T H.264 9.1). */
  unsignedGolomb(): number {
    let zeros = 0
    while (!this.flag()) {
      zeros += 1
      if (zeros > 31 || this.exhausted) {
        this.exhausted = true
        return 0
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** se(v): signed Exp-Golomb code (ITU-T H.264 9.1.1). */
  signedGolomb(): number {
    const code = this.unsignedGolomb()
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2)
  }
}

/** Removes emulation prevention bytes (00 00 03 → 00 00) from a NAL unit (ITU-T H.264 7.4.1.1). */
export function unescapeNalUnit(nal: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    bytes[length] = byte
    length += 1
  }
  return bytes.subarray(0, length)
}
