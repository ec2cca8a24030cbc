import sharp, { type Sharp } from 'sharp'
import { AppError } from '@mytaek1/platform/errors.ts'
import type { ImageMediaType } from './image-type.ts'
import {
  renditionFormatNames,
  renditionSizes,
  renditionWidths,
  type RenditionFormat,
  type RenditionSize,
} from './renditions.ts'

/**
 * Pixels an original may have: a picture of a few kilobytes can claim billions (a decompression bomb). The first three
 * types are decoded in strips; AVIF is decoded whole, at 20 bytes a pixel (measured), and twelve million of them fit
 * into a Pod's memory.
 */
export const maxPixels: Readonly<Record<ImageMediaType, number>> = Object.freeze({
  'image/jpeg': 40_000_000,
  'image/png': 40_000_000,
  'image/webp': 40_000_000,
  'image/avif': 12_000_000,
})
const decodeSeconds = 20
const tallest = 2 // times the width; narrower pictures are fitted into that

// Of libvips' loaders only those of the four types may run, whatever the bytes claim to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
})
sharp.concurrency(1) // threads of one image; how many images at once is the upload queue's to say
sharp.cache(false)

/** The bytes have the right beginning and are no picture that can be decoded, or too large a one. */
export class UndecodableImageError extends AppError {
  readonly kind = 'unprocessable'
  readonly code: 'image_not_decodable' | 'image_too_many_pixels'
  constructor(code: 'image_not_decodable' | 'image_too_many_pixels', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** One file made of an original. */
export interface Rendition {
  size: RenditionSize
  format: RenditionFormat
  bytes: Buffer
}

/** Size in pixels, upright (EXIF orientation applied). Reads the header only; throws UndecodableImageError. */
export async function measureImage(original: Buffer, type: ImageMediaType): Promise<{ width: number; height: number }> {
  const { autoOrient } = await sharp(original, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw notDecodable(error)
    })
  const { width, height } = autoOrient
  if (width * height <= maxPixels[type]) return { width, height }
  const message = `The image has ${width} x ${height} pixels; ${type} may have ${maxPixels[type]} in all: make it smaller, ${renditionWidths.full} wide are enough`
  throw new UndecodableImageError('image_too_many_pixels', message)
}

/** Decodes an original once and makes every rendition of it, without its metadata (place, camera, thumbnail). */
export async function encodeImage(original: Buffer, type: ImageMediaType): Promise<Rendition[]> {
  const renditions: Rendition[] = []
  try {
    let pixels = sharp(original, { limitInputPixels: maxPixels[type], failOn: 'error' }).autoOrient()
    for (const size of renditionSizes.toReversed()) {
      const width = renditionWidths[size]
      const { data, info } = await pixels
        .timeout({ seconds: decodeSeconds })
        .resize({ width, height: width * tallest, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb') // CMYK and 16 bits a channel, too
        .flatten({ background: '#ffffff' }) // a page's own colour, which may be dark, would shine through
        .raw()
        .toBuffer({ resolveWithObject: true })
      const { width: w, height: h, channels } = info
      const decoded = () => sharp(data, { raw: { width: w, height: h, channels } })
      for (const format of renditionFormatNames) {
        const bytes = await encode(decoded().timeout({ seconds: decodeSeconds }), format)
        renditions.push({ size, format, bytes })
      }
      pixels = decoded() // the next smaller one is made of this one
    }
  } catch (error) {
    throw notDecodable(error)
  }
  return renditions
}

function encode(pixels: Sharp, format: RenditionFormat): Promise<Buffer> {
  switch (format) {
    case 'avif':
      return pixels.avif({ quality: 55, effort: 2 }).toBuffer() // effort 4 takes 3 times as long for 5 % fewer bytes
    case 'webp':
      return pixels.webp({ quality: 76, effort: 3 }).toBuffer()
    case 'jpeg':
      return pixels.jpeg({ quality: 80, progressive: true }).toBuffer()
  }
}

const notDecodable = (cause: unknown) =>
  new UndecodableImageError('image_not_decodable', 'The image cannot be decoded: it is damaged or cut short', cause)
