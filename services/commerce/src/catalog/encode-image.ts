import sharp, { type Sharp } from 'sharp'
import { AppError } from '@mytaek1/platform/errors.ts'
import {
  renditionFormatNames,
  renditionSizes,
  renditionWidths,
  type RenditionFormat,
  type RenditionSize,
} from './renditions.ts'

/** Pixels an original may have: a picture of a few kilobytes can claim billions (a decompression bomb). */
export const maxPixels = 40_000_000
const decodeSeconds = 20

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
export async function measureImage(original: Buffer): Promise<{ width: number; height: number }> {
  try {
    const { autoOrient } = await sharp(original, { limitInputPixels: false }).metadata()
    if (autoOrient.width * autoOrient.height <= maxPixels) return autoOrient
  } catch (error) {
    throw notDecodable(error)
  }
  throw new UndecodableImageError('image_too_many_pixels', `The image has more than ${maxPixels} pixels`)
}

/** Decodes an original and makes every rendition of it, without its metadata (place, camera, thumbnail). */
export async function encodeImage(original: Buffer): Promise<Rendition[]> {
  const renditions: Rendition[] = []
  try {
    for (const size of renditionSizes) {
      const { data, info } = await sharp(original, { limitInputPixels: maxPixels, failOn: 'error' })
        .timeout({ seconds: decodeSeconds })
        .autoOrient()
        .resize({ width: renditionWidths[size], withoutEnlargement: true })
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true })
      const { width, height, channels } = info
      for (const format of renditionFormatNames) {
        const pixels = sharp(data, { raw: { width, height, channels } }).timeout({ seconds: decodeSeconds })
        renditions.push({ size, format, bytes: await encode(pixels, format) })
      }
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
      return pixels.flatten({ background: '#ffffff' }).jpeg({ quality: 80, progressive: true }).toBuffer()
  }
}

const notDecodable = (cause: unknown) =>
  new UndecodableImageError('image_not_decodable', 'The image cannot be decoded: it is damaged or cut short', cause)
