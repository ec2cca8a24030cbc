/** The image types that are taken. */
export const imageMediaTypes = Object.freeze(['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const)
export type ImageMediaType = (typeof imageMediaTypes)[number]

/** What the first bytes say an image is, whatever its name or Content-Type claims; undefined for anything not taken. */
export function imageTypeOf(bytes: Buffer): ImageMediaType | undefined {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 12) === 'WEBP') return 'image/webp'
  // ISO 14496-12 file type box with AVIF's brand as the major one (AV1 Image File Format section 6.2)
  if (textAt(bytes, 4, 8) === 'ftyp' && textAt(bytes, 8, 12) === 'avif') return 'image/avif'
  return undefined
}

const startsWith = (bytes: Buffer, magic: readonly number[]) => magic.every((byte, index) => bytes[index] === byte)
const textAt = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to)
