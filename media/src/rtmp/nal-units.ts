/** H.264 samples as NAL units: what FLV promises (a length before each), and what some encoders send instead. */

/** nal_unit_type (ITU-T H.264 table 7-1), as far as packaging cares. */
export const nalTypes = Object.freeze({ slice: 1, idr: 5, enhancement: 6, sequenceParameters: 7, pictureParameters: 8 })

/** The type of a NAL unit; 0 of an empty one. */
export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 0x1f
}

/** True for a part of a picture: without one, a sample shows nothing. */
export function isSlice(nal: Uint8Array): boolean {
  const type = nalType(nal)
  return type >= nalTypes.slice && type <= nalTypes.idr
}

/**
 * Takes a sample apart whose NAL units have their length before them (ISO/IEC 14496-15 5.3.4.2).
 *
 * @returns undefined where the lengths do not add up to the sample.
 */
export function splitByLength(data: Buffer, lengthBytes: number): Buffer[] | undefined {
  const nals: Buffer[] = []
  let at = 0
  while (at < data.length) {
    if (at + lengthBytes > data.length) return undefined
    const length = data.readUIntBE(at, lengthBytes)
    at += lengthBytes
    if (at + length > data.length) return undefined
    nals.push(data.subarray(at, at + length))
    at += length
  }
  return nals
}

/**
 * Takes a byte stream with start codes apart (ITU-T H.264 annex B).
 *
 * @returns undefined where it does not begin with one.
 */
export function splitByStartCode(data: Buffer): Buffer[] | undefined {
  let code = startCode(data, 0)
  if (code === undefined || data.subarray(0, code.at).some((byte) => byte !== 0)) return undefined
  const nals: Buffer[] = []
  while (code !== undefined) {
    const next = startCode(data, code.end)
    let end = next?.at ?? data.length
    while (end > code.end && data[end - 1] === 0) end -= 1 // trailing zeros are the byte stream's
    if (end > code.end) nals.push(data.subarray(code.end, end))
    code = next
  }
  return nals
}

/** The sample with its length before each NAL unit. @returns undefined where one is too long for it. */
export function joinByLength(nals: readonly Buffer[], lengthBytes: number): Buffer | undefined {
  if (nals.some(({ length }) => length >= 256 ** lengthBytes)) return undefined
  return Buffer.concat(
    nals.flatMap((nal) => {
      const length = Buffer.alloc(lengthBytes)
      length.writeUIntBE(nal.length, 0, lengthBytes)
      return [length, nal]
    }),
  )
}

function startCode(data: Buffer, from: number): { at: number; end: number } | undefined {
  const at = data.indexOf('\0\0\x01', from, 'latin1')
  return at < 0 ? undefined : { at, end: at + 3 }
}
