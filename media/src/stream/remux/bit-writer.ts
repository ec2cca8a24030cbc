/** Writes bits and Exp-Golomb codes, most significant bit first; the counterpart of BitReader. */
export class BitWriter {
  #bytes: number[] = []
  #position = 0 // bits

  get isAligned(): boolean {
    return this.#position % 8 === 0
  }

  bit(value: number): void {
    if (this.isAligned) this.#bytes.push(0)
    const at = this.#position >> 3
    if (value !== 0) this.#bytes[at] = (this.#bytes[at] ?? 0) | (0x80 >> (this.#position & 7))
    this.#position += 1
  }

  /** Writes the `count` lowest bits (0 to 31) of `value`. */
  bits(value: number, count: number): void {
    for (let index = count - 1; index >= 0; index -= 1) this.bit((value >> index) & 1)
  }

  /** ue(v): unsigned Exp-Golomb code (ITU-T H.264 9.1). */
  unsignedGolomb(value: number): void {
    const length = 32 - Math.clz32(value + 1)
    this.bits(0, length - 1)
    this.bits(value + 1, length)
  }

  /** se(v): signed Exp-Golomb code (ITU-T H.264 9.1.1). */
  signedGolomb(value: number): void {
    this.unsignedGolomb(value > 0 ? 2 * value - 1 : -2 * value)
  }

  /** What was written, filled up with zero bits. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** Inserts emulation prevention bytes (00 00 → 00 00 03, where a start code could be read) into a NAL unit. */
export function escapeNalUnit(nal: Uint8Array): Uint8Array {
  const bytes: number[] = []
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3)
      zeros = 0
    }
    bytes.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  if (bytes.at(-1) === 0) bytes.push(3)
  return Uint8Array.from(bytes)
}
