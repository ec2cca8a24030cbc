/** The image types that are taken. */
export const imageMediaTypes = Object.freeze(['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const)
export type ImageMediaType = (typeof imageMediaTypes)[number]

/** What the first bytes say an image is, whatever its name or Content-Type claims; undefined for anything not taken. */
export function imageTypeOf(bytes: Buffer): ImageMediaType | undefined {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 12) === 'WEBP') return 'image/webp'
  return brandsOf(bytes).includes('avif') ? 'image/avif' : undefined // AV1 Image File Format section 6.2
}

/** Whether the bytes are a picture as phones of Apple's take them (HEIC), which no browser but Safari shows. */
export function isHeic(bytes: Buffer): boolean {
  return (
    !brandsOf(bytes).includes('avif') && brandsOf(bytes).some((brand) => /^(hei[cxms]|hev[cx]|mif1|msf1)$/.test(brand))
  )
}

// The major brand and the compatible ones of a file type box (ISO 14496-12 section 4.3): tools write `mif1` first, too.
function brandsOf(bytes: Buffer): string[] {
  if (textAt(bytes, 4, 8) !== 'ftyp') return []
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, brandsEnd)
  const brands = [textAt(bytes, 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(textAt(bytes, at, at + 4))
  return brands
}

const brandsEnd = 256 // far more than any has

const startsWith = (bytes: Buffer, magic: readonly number[]) => magic.every((byte, index) => bytes[index] === byte)
const textAt = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to)
