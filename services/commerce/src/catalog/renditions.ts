/** The files made of every image: three sizes in three formats; a browser takes the best it knows. */

/** Widths in pixels; never wider than the original. */
export const renditionWidths = Object.freeze({ list: 320, card: 640, full: 1280 })
export type RenditionSize = keyof typeof renditionWidths

/** File extension → media type, best compression first. */
export const renditionFormats = Object.freeze({ avif: 'image/avif', webp: 'image/webp', jpeg: 'image/jpeg' })
export type RenditionFormat = keyof typeof renditionFormats

export const renditionSizes = Object.freeze(['list', 'card', 'full'] as const satisfies RenditionSize[])
export const renditionFormatNames = Object.freeze(['avif', 'webp', 'jpeg'] as const satisfies RenditionFormat[])

/** Part of an image's id: raise it when the files of one original would differ from before. */
export const renditionsVersion = 2

/** Paths of an image's files by size and format. */
export type ImageUrls = Record<RenditionSize, Record<RenditionFormat, string>>

/** The name of one file; it never changes what it holds. */
export function renditionName(imageId: string, size: RenditionSize, format: RenditionFormat): string {
  return `${imageId}-${size}.${format}`
}

/** The names of all files of an image. */
export const renditionNames = (imageId: string): string[] =>
  renditionSizes.flatMap((size) => renditionFormatNames.map((format) => renditionName(imageId, size, format)))

/** Matches every name that `renditionName` gives, and nothing with a slash or dots in it. */
export const renditionNamePattern = /^i-[a-z2-7]{20}-(?:list|card|full)\.(avif|webp|jpeg)$/

/** Where the files of an image are served; null for no image. */
export function imageUrls(imageId: string | null): ImageUrls | null {
  if (imageId === null) return null
  const formats = (size: RenditionSize) => ({
    avif: `/images/${renditionName(imageId, size, 'avif')}`,
    webp: `/images/${renditionName(imageId, size, 'webp')}`,
    jpeg: `/images/${renditionName(imageId, size, 'jpeg')}`,
  })
  return { list: formats('list'), card: formats('card'), full: formats('full') }
}
